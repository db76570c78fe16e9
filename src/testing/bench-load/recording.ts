import { fileURLToPath } from 'node:url';
import { type Row, shortNumber, skipped } from '../bench-corpora/row.ts';
import { runMeasured } from './measured-child.ts';

const million = 1_000_000;
/** 16 bytes for each record: two numbers may be kept of it, not the record. */
const mostGrowthMegabytes = 16;
const mostMs = 400_000;

export interface RecordingReport {
  /** What is held after the last record and was not after a tenth of them. */
  grownBytes: number;
  peakRssBytes: number;
  tookMs: number;
  cpuMs: number;
}

/** Memory of records on their way to the disk, told for a million of them. */
export async function recordingRows(folder: string, records: number): Promise<Row[]> {
  const subject = '1,000,000 records, growth of what is held';
  const goal = { atMost: mostGrowthMegabytes };
  const script = fileURLToPath(new URL('./recorder-main.js', import.meta.url));
  const args = ['--expose-gc', script, folder, String(records)];
  const { stdout, exitCode } = await runMeasured(process.execPath, args, { mostMs });
  if (exitCode !== 0) {
    return [skipped(subject, 'MB', goal, `it ended with ${exitCode}`)];
  }
  const { grownBytes, peakRssBytes, tookMs, cpuMs } = JSON.parse(stdout) as RecordingReport;
  const grownPerRecord = grownBytes / (records * 0.9);
  const rates = `${shortNumber((cpuMs * 1000) / records)} us of processor time each, ${shortNumber(tookMs / 1000)} s`;
  const note = `from ${records} records; peak RSS ${shortNumber(peakRssBytes / 1e6)} MB; ${rates}`;
  return [{ subject, figure: (grownPerRecord * million) / 1e6, unit: 'MB', goal, note }];
}
