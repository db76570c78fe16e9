import { median } from '../../base/statistics.ts';
import { cpuMs } from './processor-time.ts';
import { type Row, shortNumber, skipped } from './row.ts';
import { openShipped } from './shipped.ts';

const repeats = 5;

/** Recipe text to checked digest, by the clock, as every command and every process does it once. */
export function openingRow(corpus: string, atMostMs: number): Row {
  const subject = `opening ${corpus}, first`;
  const goal = { atMost: atMostMs };
  const timesMs: number[] = [];
  const startCpuMs = cpuMs();
  let firstCpuMs = 0;
  for (let repeat = 0; repeat <= repeats; repeat += 1) {
    const startMs = performance.now();
    const shipped = openShipped(corpus);
    timesMs.push(performance.now() - startMs);
    if ('reason' in shipped) {
      return skipped(subject, 'ms', goal, shipped.reason);
    }
    firstCpuMs = repeat === 0 ? cpuMs() - startCpuMs : firstCpuMs;
  }
  const [firstMs, ...laterMs] = timesMs;
  const later = shortNumber(median(laterMs) ?? Number.NaN);
  const note = `${shortNumber(firstCpuMs)} ms of processor time; median of ${repeats} later ones: ${later} ms`;
  return { subject, figure: firstMs ?? null, unit: 'ms', goal, note };
}
