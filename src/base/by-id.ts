import { BenchError, type ErrorCode } from './errors.ts';

/** Levenshtein distance with adjacent transpositions (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (rows[i - 1]?.[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? Number.POSITIVE_INFINITY;
}

/** The known name nearest to `name`, or null if none is near enough to be a slip. */
export function nearestName(name: string, known: readonly string[]): string | null {
  let best: { name: string; distance: number } | null = null;
  for (const candidate of known) {
    const distance = candidate.startsWith(name) ? 1 : editDistance(name, candidate);
    if (best === null || distance < best.distance) {
      best = { name: candidate, distance };
    }
  }
  return best !== null && best.distance <= Math.max(2, Math.floor(name.length / 3)) ? best.name : null;
}

/** The error for an unknown name: what, where, what was meant, what there is. */
export function unknownName(
  kind: string,
  name: string,
  known: readonly string[],
  code: ErrorCode = 'UNKNOWN_NAME',
): BenchError {
  const near = nearestName(name, known);
  const hint = near === null ? `Known: ${known.join(', ')}.` : `Did you mean "${near}"?`;
  return new BenchError(code, `There is no ${kind} "${name}".`, { hint });
}

/** Finds a plug-in by id, or throws with a suggestion. */
export function findById<T extends { id: string }>(kind: string, list: readonly T[], id: string): T {
  const found = list.find((entry) => entry.id === id);
  if (found === undefined) {
    throw unknownName(
      kind,
      id,
      list.map((entry) => entry.id),
    );
  }
  return found;
}
