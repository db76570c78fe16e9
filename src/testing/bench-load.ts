import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMet, type Row, skipped, tableOf } from './bench-corpora/row.ts';
import type { Bench } from './bench-load/bench.ts';
import { matrixText } from './bench-load/matrix.ts';
import { openLoopRows } from './bench-load/open-loop.ts';
import { recordingRows } from './bench-load/recording.ts';
import { startSink } from './bench-load/sink.ts';
import { smallRows } from './bench-load/small.ts';
import { uploadRows } from './bench-load/uploads.ts';

/** Later steps are left out, so that a busy machine is not kept beyond three minutes. */
const lastStartMs = 150_000;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    /** Prints which engine keeps which case of the contract instead. */
    matrix: { type: 'boolean', default: false },
    /** native, autocannon, k6, wrk; all if not given. */
    peers: { type: 'string' },
    /** small, uploads, open-loop, records; all if not given. */
    only: { type: 'string' },
    /** How long each peer sends. */
    // Of a few seconds too much is warm-up: the same engines stood at 0.66 of their peer in 4 s and at 0.84 in 8 s.
    seconds: { type: 'string', default: '8' },
    /** How many are written; 1000000 takes a minute or more. */
    records: { type: 'string', default: '200000' },
  },
});

interface Step {
  name: string;
  rows(bench: Bench): Promise<Row[]>;
}

const steps: readonly Step[] = [
  { name: 'uploads', rows: uploadRows },
  { name: 'open-loop', rows: openLoopRows },
  { name: 'small', rows: smallRows },
  { name: 'records', rows: ({ folder }) => recordingRows(folder, Number(values.records)) },
];

async function measure(bench: Bench): Promise<Row[]> {
  const startMs = performance.now();
  const only = values.only?.split(',');
  const rows: Row[] = [];
  for (const step of steps.filter(({ name }) => only?.includes(name) ?? true)) {
    process.stderr.write(`${step.name}\n`);
    const isLate = performance.now() - startMs > lastStartMs;
    rows.push(...(isLate ? [skipped(step.name, '-', null, 'the time was over')] : await step.rows(bench)));
  }
  return rows;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-load-'));
  const epochNs = process.hrtime.bigint();
  const sink = await startSink(epochNs);
  const peers = values.peers?.split(',');
  const durationMs = Math.max(1, Number(values.seconds)) * 1000;
  const startMs = performance.now();
  try {
    const wants = (peer: string): boolean => peers?.includes(peer) ?? true;
    const rows = await measure({ sink, epochNs, folder, durationMs, wants });
    const tookSeconds = (performance.now() - startMs) / 1000;
    const measured = rows.map((row) => ({ ...row, isMet: isMet(row) }));
    process.stdout.write(
      values.json
        ? `${JSON.stringify({ node: process.version, tookSeconds, rows: measured }, null, 2)}\n`
        : `${tableOf(rows)}\n\n${tookSeconds.toFixed(0)} s, Node ${process.version}\n`,
    );
  } finally {
    sink.end();
    rmSync(folder, { recursive: true });
  }
}

if (values.matrix) {
  process.stdout.write(matrixText());
} else {
  await main();
}
