import { median, quantile } from '../../base/statistics.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import { cpuMs } from './processor-time.ts';
import { type Row, shortNumber, skipped } from './row.ts';
import { openShipped } from './shipped.ts';

const windows = 5;
const windowMs = 300;
/** By the clock: on a busy machine fewer windows fit. */
const mostMs = 4000;
const mostImages = 60;
const imagesMs = 4000;

function bytesMade(item: CorpusItem): number {
  let bytes = 0;
  for (const chunk of item.chunks()) {
    bytes += chunk.length;
  }
  return bytes;
}

/** MB per second of processor time in each window: whole items, one after another. */
function windowRates(items: readonly CorpusItem[]): number[] {
  let next = 0;
  const run = (): number => {
    const startCpuMs = cpuMs();
    let bytes = 0;
    let usedMs = 0;
    while (usedMs < windowMs) {
      const item = items[next % items.length];
      next += 1;
      bytes += item === undefined ? 0 : bytesMade(item);
      usedMs = cpuMs() - startCpuMs;
    }
    return bytes / 1000 / usedMs;
  };
  // The first window renders the bank and lets the compiler see the loop.
  run();
  const startMs = performance.now();
  const rates: number[] = [];
  while (rates.length < windows && performance.now() - startMs < mostMs) {
    rates.push(run());
  }
  return rates;
}

/** MB/s by the clock, for a contrast with another program that runs just after and shares the machine as this does. */
export function clockRate(items: readonly CorpusItem[]): number {
  const startMs = performance.now();
  let bytes = 0;
  let elapsedMs = 0;
  for (let next = 0; elapsedMs < windowMs; next += 1) {
    const item = items[next % items.length];
    bytes += item === undefined ? 0 : bytesMade(item);
    elapsedMs = performance.now() - startMs;
  }
  return bytes / 1000 / elapsedMs;
}

/** What one core makes of whole items, into the buffer that the generator uses again; nothing reads the bytes. */
export function composeRow(subject: string, corpus: string, atLeast: number): Row {
  const goal = { atLeast };
  const shipped = openShipped(corpus);
  if ('reason' in shipped) {
    return skipped(subject, 'MB/s', goal, shipped.reason);
  }
  const rates = windowRates(shipped.items);
  const best = Math.max(...rates);
  const note = `${corpus}; median of ${rates.length}, best ${shortNumber(best)}`;
  return { subject, figure: median(rates), unit: 'MB/s', goal, note };
}

/** Each image made once, so that none profits from the one before but by the shared bank. */
export function imageRows(corpus: string, atMostMs: number): Row[] {
  const shipped = openShipped(corpus);
  const [subject, subjectTail] = ['a unique 24 MB image, median', 'a unique 24 MB image, 95th percentile'];
  const goal = { atMost: atMostMs };
  if ('reason' in shipped) {
    return [subject, subjectTail].map((name) => skipped(name, 'ms', goal, shipped.reason));
  }
  const [first, ...others] = shipped.items;
  const startMs = cpuMs();
  if (first !== undefined) {
    bytesMade(first);
  }
  const firstMs = cpuMs() - startMs;
  const times: number[] = [];
  for (const item of others.slice(0, mostImages)) {
    const beforeMs = cpuMs();
    bytesMade(item);
    times.push(cpuMs() - beforeMs);
    if (cpuMs() - startMs > imagesMs) {
      break;
    }
  }
  const note = `${corpus}; ${times.length} images, the first with its bank ${shortNumber(firstMs)} ms`;
  return [
    { subject, figure: median(times), unit: 'ms', goal, note },
    { subject: subjectTail, figure: quantile(times, 0.95), unit: 'ms', goal, note },
  ];
}
