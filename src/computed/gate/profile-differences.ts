import type { ComparabilityDifference } from '../../model/gate.ts';
import type { ResolvedProfile } from '../../model/profile.ts';

type Fields = Readonly<Record<string, unknown>>;

/** More would be a second profile to read. */
const mostFields = 6;

const must = (field: string, baseline: unknown, candidate: unknown): ComparabilityDifference => ({
  class: 'must',
  field,
  baseline: textOf(baseline),
  candidate: textOf(candidate),
});

function textOf(value: unknown): string {
  if (value === undefined) {
    return 'not there';
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Stages and the like by their names, so that one stage more does not move all that follow. */
function keyed(value: unknown): unknown {
  if (!Array.isArray(value)) {
    return value;
  }
  const list = value as readonly unknown[];
  return list.every((item) => isFields(item) && typeof item['name'] === 'string')
    ? Object.fromEntries(list.map((item) => [(item as { name: string }).name, item]))
    : value;
}

function changedFields(path: string, before: unknown, now: unknown): readonly ComparabilityDifference[] {
  const [a, b] = [keyed(before), keyed(now)];
  if (!isFields(a) || !isFields(b)) {
    return JSON.stringify(a) === JSON.stringify(b) ? [] : [must(path, wholeAs(a), wholeAs(b))];
  }
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
    changedFields(`${path} ${key}`, a[key], b[key]),
  );
}

/** A stage that only one side has is told by its kind, not in full. */
function wholeAs(value: unknown): unknown {
  return isFields(value) && typeof value['kind'] === 'string' ? value['kind'] : value;
}

/**
 * Why the hashes of two resolved profiles differ, in the words of the profile: its name, else its scale, else its
 * fields. Another scale alters every duration, so beside it durations are not told. Empty: only what is hashed with
 * the profile differs, the digest of its corpus.
 */
export function profileDifferences(before: ResolvedProfile, now: ResolvedProfile): readonly ComparabilityDifference[] {
  const scale = before.scale === now.scale ? [] : [must('scale', before.scale, now.scale)];
  if (before.name !== now.name) {
    return [must('profile', before.name, now.name), ...scale];
  }
  const isOfScale = ({ field }: ComparabilityDifference): boolean =>
    scale.length > 0 && /(?:Ms|imeScale|scale)$/.test(field);
  const fields = changedFields('profile', before, now).filter((one) => !isOfScale(one));
  const shown = [...scale, ...fields].slice(0, mostFields);
  const more = scale.length + fields.length - shown.length;
  return more === 0
    ? shown
    : [...shown, must(`profile, ${more} fields more`, 'see profile.resolved.yaml', 'see profile.resolved.yaml')];
}
