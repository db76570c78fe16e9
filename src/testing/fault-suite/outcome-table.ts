import type { Outcome } from './fault-case.ts';

const titles = ['fault', 'times', 'held', 'must hold'] as const;

/** `17 x while it sends, 3 x before its first request`. Nothing where a case has nothing to tell apart. */
function stagedLine(staged: ReadonlyMap<string, number>): readonly string[][] {
  const parts = [...staged].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([what, count]) => `${count} x ${what}`);
  return parts.length === 0 ? [] : [[`  staged: ${parts.join(', ')}`]];
}

/** One row a fault; below it what its times came to. */
export function outcomeTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ fault, times, held, mustHold, skipped, staged }) => ({
    cells: [
      fault,
      String(times),
      skipped === null ? `${held} of ${times}` : 'left out',
      skipped === null ? mustHold : skipped,
    ],
    staged: stagedLine(staged),
  }));
  const widths = titles.map((title, at) => Math.max(title.length, ...rows.map(({ cells }) => cells[at]?.length ?? 0)));
  return [[...titles], ...rows.flatMap(({ cells, staged }) => [cells, ...staged])]
    .map((cells) => cells.map((cell, at) => (at === cells.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('  '))
    .join('\n');
}
