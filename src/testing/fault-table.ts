import { messageOf } from '../base/errors.ts';
import { formatBytes } from '../base/units.ts';
import { trials } from './trials/index.ts';
import { isBuilt, withTrialServer } from './trials/server.ts';
import type { Expectation, FaultTrial } from './trials/trial.ts';

/** The table fault x {faulty, fixed, falsely fixed}: one number each, beside what it must be. */
interface Row {
  fault: string;
  variant: string;
  measures: string;
  measured: string;
  expected: string;
  verdict: 'as expected' | 'NOT as expected' | 'not measured';
}

function formatNumber(value: number, unit: FaultTrial['unit']): string {
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'bytes_per_s':
      return `${formatBytes(value)}/s`;
    case 'ms':
      return `${Math.round(value)} ms`;
    case 'ratio':
      return value.toFixed(2);
    case 'count':
      return String(Math.round(value * 10) / 10);
  }
}

function expectationText({ least, most }: Expectation, unit: FaultTrial['unit']): string {
  const parts = [
    ...(least === undefined ? [] : [`>= ${formatNumber(least, unit)}`]),
    ...(most === undefined ? [] : [`<= ${formatNumber(most, unit)}`]),
  ];
  return parts.join(', ');
}

async function measureCase(trial: FaultTrial, { fixes, expected }: FaultTrial['cases'][number]): Promise<Row> {
  const row = {
    fault: trial.fault,
    variant: fixes.length === 0 ? 'faulty' : `+${fixes.join('+')}`,
    measures: trial.measures,
    expected: expectationText(expected, trial.unit),
  };
  const args = ['--fault', trial.fault, ...fixes.flatMap((fix) => ['--fix', fix]), ...trial.args];
  try {
    const value = await withTrialServer(args, trial.memoryLimitBytes, (server) => trial.measure(server));
    const isExpected =
      value >= (expected.least ?? Number.NEGATIVE_INFINITY) && value <= (expected.most ?? Number.POSITIVE_INFINITY);
    return {
      ...row,
      measured: formatNumber(value, trial.unit),
      verdict: isExpected ? 'as expected' : 'NOT as expected',
    };
  } catch (error: unknown) {
    return { ...row, measured: messageOf(error), verdict: 'not measured' };
  }
}

function printRows(rows: readonly Row[]): void {
  const headings: Row = {
    fault: 'fault',
    variant: 'variant',
    measures: 'number',
    measured: 'measured',
    expected: 'must be',
    verdict: 'as expected',
  };
  const keys = ['fault', 'variant', 'measures', 'measured', 'expected'] as const;
  const widths = keys.map((key) => Math.max(...[headings, ...rows].map((row) => row[key].length)));
  const line = (row: Row, verdict: string): string =>
    [...keys.map((key, index) => row[key].padEnd(widths[index] ?? 0)), verdict].join('  ').trimEnd();
  process.stdout.write(`${[line(headings, ''), ...rows.map((row) => line(row, row.verdict))].join('\n')}\n`);
}

/** `[FAULT...]`: all trials, or the named ones. Exit 1 if a number is not what it must be. */
async function main(names: readonly string[]): Promise<number> {
  if (!isBuilt) {
    process.stderr.write('There is no build. Run npm run build.\n');
    return 2;
  }
  const unknown = names.find((name) => !trials.some(({ fault }) => fault === name));
  if (unknown !== undefined) {
    process.stderr.write(`There is no trial "${unknown}". Known: ${trials.map(({ fault }) => fault).join(', ')}.\n`);
    return 2;
  }
  const rows: Row[] = [];
  for (const trial of trials.filter(({ fault }) => names.length === 0 || names.includes(fault))) {
    for (const one of trial.cases) {
      const row = await measureCase(trial, one);
      rows.push(row);
      process.stderr.write(`${row.fault} ${row.variant}: ${row.measured} (${row.expected}) ${row.verdict}\n`);
    }
  }
  printRows(rows);
  return rows.every(({ verdict }) => verdict === 'as expected') ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
