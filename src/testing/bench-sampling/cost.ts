import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { execaNode } from 'execa';
import { monotonicClock } from '../../base/clock.ts';
import type { Row } from '../bench-corpora/row.ts';
import { startSampling, startTree } from './sampled-tree.ts';

const burnScript = fileURLToPath(new URL('./burn-main.js', import.meta.url));
const clock = monotonicClock();
const pause = (durationMs: number): Promise<void> => clock.sleepUntil(clock.nowMs() + durationMs);
/** Code that runs for the first time costs several times what it costs later: of a run of minutes it is nothing. */
const warmupMs = 10_000;
const beforeLoadMs = 3000;

interface CostCase {
  processes: number;
  intervalMs: number;
  durationMs: number;
  goalPercent: number;
}

/**
 * The sampler's own processor time during load, with all default probes. The figure is that after warming up, as it is
 * for nearly all of a run; the note has the whole, from the start of the process on.
 */
export async function costRow({ processes, intervalMs, durationMs, goalPercent }: CostCase): Promise<Row> {
  const tree = await startTree(processes, 'calm');
  const { sampler, batches, costPercent } = await startSampling(tree.url, intervalMs);
  sampler.setTick({ stage: 'bench', kind: 'load', quiesced: false });
  await pause(warmupMs + durationMs);
  const summary = await sampler.stop();
  await tree.stop();
  const fromMs = (batches[0]?.tMs ?? 0) + warmupMs;
  const wholePercent = ((summary?.cpuSeconds ?? Number.NaN) / (warmupMs + durationMs)) * 100_000;
  return {
    subject: `sampler, ${processes} processes at ${1000 / intervalMs} Hz`,
    figure: costPercent(fromMs),
    unit: '% of a core',
    goal: { atMost: goalPercent },
    note: `after 10 s; ${wholePercent.toFixed(2)} % with its start; reading p50 ${summary?.costMs.p50?.toFixed(1)} ms, ${batches.at(-1)?.samples.length} samples, RSS ${((summary?.rssPeakBytes ?? 0) / 1e6).toFixed(0)} MB`,
  };
}

/** How far samples are from their deadlines while every core is taken by a process of normal priority. */
export async function jitterRows(durationMs: number): Promise<Row[]> {
  const intervalMs = 100;
  const tree = await startTree(5, 'calm');
  const { sampler, batches } = await startSampling(tree.url, intervalMs);
  sampler.setTick({ stage: 'bench', kind: 'load', quiesced: false });
  // As in a run: the sampler is there, and has read for a while, before any load.
  await pause(beforeLoadMs);
  const burners = Array.from({ length: availableParallelism() }, () =>
    execaNode(burnScript, [String(durationMs + 2000)], { reject: false, ipc: false, nodeOptions: [] }),
  );
  const quiet = batches.length;
  await pause(durationMs);
  await sampler.stop();
  for (const burner of burners) {
    burner.kill();
  }
  await Promise.all(burners);
  await tree.stop();
  const timesMs = batches.slice(quiet).map(({ tMs }) => tMs);
  const firstMs = timesMs[0] ?? 0;
  const expected = Math.round(((timesMs.at(-1) ?? 0) - firstMs) / intervalMs) + 1;
  const lateMs = timesMs
    .map((tMs) => Math.abs(tMs - firstMs - Math.round((tMs - firstMs) / intervalMs) * intervalMs))
    .sort((x, y) => x - y);
  return [
    {
      subject: 'missed samples, all cores busy',
      figure: expected - timesMs.length,
      unit: `of ${expected}`,
      goal: { atMost: 0 },
      note: `${burners.length} burners of normal priority`,
    },
    {
      subject: 'jitter p99, all cores busy',
      figure: lateMs[Math.ceil(0.99 * lateMs.length) - 1] ?? null,
      unit: 'ms',
      goal: { atMost: 5 },
      note: '10 Hz, against the first sample under load',
    },
  ];
}

/** A loop of mapping, touching and unmapping inside the target, with and without the sampler, by turns. */
export async function faultRows(roundMs: number): Promise<Row[]> {
  const tree = await startTree(5, 'with faults');
  await tree.faultRound(500);
  const without = [await tree.faultRound(roundMs)];
  const { sampler } = await startSampling(tree.url, 100);
  sampler.setTick({ stage: 'bench', kind: 'load', quiesced: false });
  const during = [await tree.faultRound(roundMs), await tree.faultRound(roundMs)];
  await sampler.stop();
  without.push(await tree.faultRound(roundMs));
  await tree.stop();
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const ratio = (of: 'p50Ms' | 'p999Ms'): number =>
    mean(during.map((round) => round[of])) / mean(without.map((round) => round[of]));
  const note = (of: 'p50Ms' | 'p999Ms'): string =>
    `${mean(without.map((round) => round[of])).toFixed(3)} ms without, sampled at 10 Hz`;
  return [
    {
      subject: 'page faults of the target, p50',
      figure: ratio('p50Ms'),
      unit: 'times',
      goal: { atMost: 1.1 },
      note: note('p50Ms'),
    },
    {
      subject: 'page faults of the target, p99.9',
      figure: ratio('p999Ms'),
      unit: 'times',
      goal: { atMost: 1.5 },
      note: note('p999Ms'),
    },
  ];
}
