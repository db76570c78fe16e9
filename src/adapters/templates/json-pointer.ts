/** RFC 6901: empty, or steps that each begin with a slash; in them `~` is only `~0` or `~1`. */
export const jsonPointerPattern = /^(\/([^~/]|~[01])*)*$/;

// RFC 6901, 4: no leading zero, and `-` is the element after the last, which never is there.
const indexPattern = /^(0|[1-9]\d*)$/;

function stepInto(value: unknown, step: string): unknown {
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    return indexPattern.test(step) ? list[Number(step)] : undefined;
  }
  const isHeld = value !== null && typeof value === 'object' && Object.hasOwn(value, step);
  return isHeld ? (value as Readonly<Record<string, unknown>>)[step] : undefined;
}

/** What the pointer points at; undefined if it is not there. */
export function pointedAt(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(stepInto, value);
}
