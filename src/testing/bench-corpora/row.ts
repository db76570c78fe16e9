/** One line of the table. */
export interface Row {
  subject: string;
  /** null = not measured; `note` says why. */
  figure: number | null;
  unit: string;
  goal: { atLeast: number } | { atMost: number } | null;
  note: string;
}

export function skipped(subject: string, unit: string, goal: Row['goal'], reason: string): Row {
  return { subject, figure: null, unit, goal, note: `not measured: ${reason}` };
}

/** null = there is no goal or no figure. */
export function isMet({ figure, goal }: Row): boolean | null {
  if (figure === null || goal === null) {
    return null;
  }
  return 'atLeast' in goal ? figure >= goal.atLeast : figure <= goal.atMost;
}

/** Three significant figures, but all digits before the point. */
export function shortNumber(value: number): string {
  if (Math.abs(value) >= 100) {
    return value.toFixed(0);
  }
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

function goalText({ goal }: Row): string {
  if (goal === null) {
    return '-';
  }
  return 'atLeast' in goal ? `>= ${goal.atLeast}` : `<= ${goal.atMost}`;
}

function metText(row: Row): string {
  const met = isMet(row);
  if (met === null) {
    return '-';
  }
  return met ? 'met' : 'NOT MET';
}

/** Columns of one width each, the note last. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [
    ['subject', 'figure', 'unit', 'goal', '', 'note'],
    ...rows.map((row) => [
      row.subject,
      row.figure === null ? 'n/a' : shortNumber(row.figure),
      row.unit,
      goalText(row),
      metText(row),
      row.note,
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const padded = (text: string, column: number): string => {
    const width = widths[column] ?? 0;
    return column === 1 ? text.padStart(width) : text.padEnd(width);
  };
  return cells.map((line) => line.map(padded).join('  ').trimEnd()).join('\n');
}
