import { composeRow, imageRows } from './bench-corpora/compose.ts';
import { openingRow } from './bench-corpora/opening.ts';
import { audioPeerRows, imagePeerRow } from './bench-corpora/peers.ts';
import { isMet, type Row, skipped, tableOf } from './bench-corpora/row.ts';
import { uploadRows } from './bench-corpora/upload.ts';

/** Later steps are left out, so that a busy machine is not kept beyond 90 s. */
const lastStartMs = 70_000;
const wavGoal = 2000;
const imageGoal = 1000;

function memoryRow(): Row {
  const megabytes = (process.resourceUsage().maxRSS * 1024) / 1e6;
  return { subject: 'peak RSS of this process', figure: megabytes, unit: 'MB', goal: null, note: '' };
}

interface Step {
  subject: string;
  rows(): Row[] | Promise<Row[]>;
}

/** In this order: the first corpus that a process opens is the one that a user waits for; sharp's memory is not ours. */
const steps: readonly Step[] = [
  { subject: 'opening', rows: () => [openingRow('stt-callcenter', 250)] },
  { subject: 'WAV 16 kHz', rows: () => [composeRow('WAV 16 kHz to memory', 'stt-longform', wavGoal)] },
  { subject: 'WAV 8 kHz', rows: () => [composeRow('WAV 8 kHz to memory', 'stt-callcenter', wavGoal)] },
  { subject: 'FLAC', rows: () => [skipped('FLAC to memory', 'MB/s', null, 'no generator writes FLAC')] },
  { subject: 'JPEG 24 MB', rows: () => [composeRow('JPEG 24 MB to memory', 'image-large', imageGoal)] },
  { subject: 'JPEG 1.5 MB', rows: () => [composeRow('JPEG 1.5 MB to memory', 'image-typical', imageGoal)] },
  { subject: 'PNG', rows: () => [composeRow('PNG to memory', 'image-png', imageGoal)] },
  { subject: 'single images', rows: () => imageRows('image-large', 20) },
  { subject: 'upload of audio', rows: () => uploadRows('audio', 'stt-longform', { atLeast: 500 }) },
  { subject: 'upload of 24 MB images', rows: () => uploadRows('24 MB images', 'image-large', null) },
  { subject: 'upload of 1.5 MB images', rows: () => uploadRows('1.5 MB images', 'image-typical', { atLeast: 350 }) },
  { subject: 'memory', rows: () => [memoryRow()] },
  { subject: 'peers for audio', rows: () => audioPeerRows('stt-longform') },
  { subject: 'peers for images', rows: async () => [await imagePeerRow('image-large')] },
];

async function measure(): Promise<Row[]> {
  const startMs = performance.now();
  const rows: Row[] = [];
  for (const step of steps) {
    process.stderr.write(`${step.subject}\n`);
    const isLate = performance.now() - startMs > lastStartMs;
    rows.push(...(isLate ? [skipped(step.subject, '-', null, 'the time was over')] : await step.rows()));
  }
  return rows;
}

const startMs = performance.now();
const rows = await measure();
const tookSeconds = (performance.now() - startMs) / 1000;
if (process.argv.includes('--json')) {
  const measured = rows.map((row) => ({ ...row, isMet: isMet(row) }));
  process.stdout.write(`${JSON.stringify({ node: process.version, tookSeconds, rows: measured }, null, 2)}\n`);
} else {
  process.stdout.write(`${tableOf(rows)}\n\n${tookSeconds.toFixed(0)} s, Node ${process.version}\n`);
}
