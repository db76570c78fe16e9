import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { isMet, type Row, tableOf } from './bench-corpora/row.ts';
import { costRow, faultRows, jitterRows } from './bench-sampling/cost.ts';
import { peerRows } from './bench-sampling/peers.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string' }, json: { type: 'boolean', default: false } } });
/** Without --minutes the short form: the whole takes about a minute. */
const totalMs = values.minutes === undefined ? 42_000 : Number(values.minutes) * 60_000;

interface Step {
  subject: string;
  rows(): Promise<Row[]>;
}

/** Goals of PROTOCOL 4.10. */
const largeTree = { processes: 50, intervalMs: 1000, durationMs: totalMs * 0.45, goalPercent: 0.7 };
const smallTree = { processes: 5, intervalMs: 100, durationMs: totalMs * 0.2, goalPercent: 2 };
const steps: readonly Step[] = [
  { subject: '50 processes at 1 Hz', rows: async () => [await costRow(largeTree)] },
  { subject: '5 processes at 10 Hz', rows: async () => [await costRow(smallTree)] },
  { subject: 'all cores busy', rows: () => jitterRows(totalMs * 0.2) },
  { subject: 'page faults', rows: () => faultRows(totalMs * 0.04) },
  { subject: 'peers', rows: () => peerRows(largeTree.processes) },
];

const startMs = performance.now();
const [loadBefore = 0] = loadavg();
const rows: Row[] = [];
for (const step of steps) {
  process.stderr.write(`${step.subject}\n`);
  rows.push(...(await step.rows()));
}
const tookSeconds = (performance.now() - startMs) / 1000;
if (values.json) {
  const measured = rows.map((row) => ({ ...row, isMet: isMet(row) }));
  process.stdout.write(
    `${JSON.stringify({ node: process.version, loadBefore, tookSeconds, rows: measured }, null, 2)}\n`,
  );
} else {
  process.stdout.write(
    `${tableOf(rows)}\n\n${tookSeconds.toFixed(0)} s, Node ${process.version}, load ${loadBefore.toFixed(1)} before the first row\n`,
  );
}
