import { isMap, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { nearestName } from '../base/by-id.ts';
import { BenchError, type ErrorCode, messageOf } from '../base/errors.ts';

type Path = readonly (string | number)[];

/** A checked YAML file that still knows where each value stood. */
export interface YamlDocument<T> {
  value: T;
  /** `corpora/x.yaml:7:3 params.count`; the nearest holder's position if the value is not there. */
  place(path: Path): string;
}

export interface YamlKind<T> {
  schema: z.ZodType<T>;
  code: ErrorCode;
  /** Names for "did you mean". */
  keys: readonly string[];
  /** Where to read how such a file is written. */
  hint: string;
}

function textPath(path: Path): string {
  return path.reduce<string>(
    (all, step) => (typeof step === 'number' ? `${all}[${step}]` : `${all}${all === '' ? '' : '.'}${step}`),
    '',
  );
}

/** Unknown keys are errors, and every error carries file, line, column and path. */
export function parseYaml<T>(text: string, fileName: string, kind: YamlKind<T>): YamlDocument<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${fileName}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) {
    throw new BenchError(kind.code, `${at(problem.pos[0])} ${problem.message}`, {
      hint: 'Mend the YAML there; strings with a colon or a # need quotes.',
      cause: problem,
    });
  }

  /** Offset of the key, since that is what a reader looks for; of the holder where there is no such key. */
  const offsetOf = (path: Path): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const step = path[length - 1];
      const holder = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
      const key = isMap(holder) ? holder.items.find((pair) => String(pair.key) === String(step))?.key : undefined;
      const node = key ?? document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) {
        return node.range[0];
      }
    }
    return 0;
  };
  const place = (path: Path): string => `${at(offsetOf(path))} ${textPath(path)}`.trimEnd();

  let value: unknown;
  try {
    value = document.toJS();
  } catch (cause: unknown) {
    // Aliases of aliases: a file of a kilobyte would fill the memory.
    throw new BenchError(kind.code, `${at(0)} ${messageOf(cause)}.`, {
      hint: 'Write it without aliases (*name).',
      cause,
    });
  }
  const parsed = kind.schema.safeParse(value);
  if (parsed.success) {
    return { value: parsed.data, place };
  }
  // A mistyped key is also a missing one; the typing is what the reader must mend.
  const { issues } = parsed.error;
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const path = (issue?.path ?? []).filter((step) => typeof step !== 'symbol');
  const unknownKey = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  if (unknownKey === undefined) {
    throw new BenchError(kind.code, `${place(path)}: ${issue?.message ?? 'is invalid'}.`, { hint: kind.hint });
  }
  const near = nearestName(unknownKey, kind.keys);
  throw new BenchError(kind.code, `${place([...path, unknownKey])}: there is no key "${unknownKey}" here.`, {
    hint: near === null ? kind.hint : `Did you mean "${near}"?`,
  });
}
