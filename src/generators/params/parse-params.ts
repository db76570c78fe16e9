import type { z } from 'zod';
import { nearestName } from '../../base/by-id.ts';
import { BenchError } from '../../base/errors.ts';

/** One line that opens with file, line and path; `hint` is the remedy. */
export function invalidParam(place: string, path: readonly PropertyKey[], what: string, hint: string): BenchError {
  return new BenchError('RECIPE_INVALID', `${[place, ...path.map(String)].join('.')}: ${what}`, { hint });
}

function keysOf(schema: unknown): string[] {
  if (schema === null || typeof schema !== 'object') {
    return [];
  }
  const own = 'properties' in schema && schema.properties !== null && typeof schema.properties === 'object';
  return [...(own ? Object.keys(schema.properties as object) : []), ...Object.values(schema).flatMap(keysOf)];
}

/** Throws RECIPE_INVALID for the first thing wrong; an unknown key anywhere gets "did you mean". */
export function parseParams<S extends z.ZodType>(schema: S, params: unknown, place: string): z.output<S> {
  const parsed = schema.safeParse(params);
  if (parsed.success) {
    return parsed.data;
  }
  const { issues } = parsed.error;
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const key = issue?.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : null;
  const near = key === null ? null : nearestName(key, keysOf(schema.toJSONSchema({ io: 'input' })));
  throw invalidParam(
    place,
    issue?.path ?? [],
    key === null ? `${issue?.message ?? 'is invalid'}.` : `there is no parameter "${key}".`,
    near === null ? 'corpora/README.md lists the parameters of this generator.' : `Did you mean "${near}"?`,
  );
}
