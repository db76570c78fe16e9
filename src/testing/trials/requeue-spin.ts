import { setTimeout as sleep } from 'node:timers/promises';
import { leaveDeadWorkers, liveColdWorkers, sendClip, speechForm, until } from '../speech-pool.ts';
import type { FaultTrial, TrialServer } from './trial.ts';

const clips = 4;
/** The front of a faulty server answers none of them. */
const replyLimitMs = 8000;
const samples = 24;
const sampleEveryMs = 250;

/** Least squares over (time, bytes of the whole tree), in bytes per second. */
async function slopeInSilence(server: TrialServer): Promise<number> {
  const points: { second: number; bytes: number }[] = [];
  for (let index = 0; index < samples; index += 1) {
    points.push({ second: performance.now() / 1000, bytes: server.anonBytes() });
    await sleep(sampleEveryMs);
  }
  const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const second = meanOf(points.map((point) => point.second));
  const bytes = meanOf(points.map((point) => point.bytes));
  const above = points.reduce((sum, point) => sum + (point.second - second) * (point.bytes - bytes), 0);
  return above / points.reduce((sum, point) => sum + (point.second - second) ** 2, 0);
}

export const requeueSpinTrial: FaultTrial = {
  fault: 'requeue-spin',
  measures: 'slope of all processes in the silence after lull and burst',
  unit: 'bytes_per_s',
  memoryLimitBytes: null,
  // A pool that starts quickly is soon large enough.
  args: [
    ...['--time-scale', '0.05', '--device', 'virtual'],
    ...['worker-mib=16', 'cold-start-s=2'].flatMap((knob) => ['--knob', knob]),
  ],
  cases: [
    { fixes: [], expected: { least: 5 * 1024 ** 2, most: 40 * 1024 ** 2 } },
    { fixes: ['yield-on-skip'], expected: { most: 0.3 * 1024 ** 2 } },
    { fixes: ['retry-cap'], expected: { most: 0.3 * 1024 ** 2 } },
    { fixes: ['ram-gate'], expected: { least: 5 * 1024 ** 2, most: 40 * 1024 ** 2 } },
  ],
  async measure(server) {
    const form = speechForm(60, 8000);
    await leaveDeadWorkers(server, form);
    await Promise.all(Array.from({ length: clips }, () => sendClip(server, form, replyLimitMs)));
    const health = await server.get('/health', 2000);
    if (health.status !== null && (await server.metric('uttera_stt_requeued_total')) === 0) {
      throw new Error('no clip met a dead worker');
    }
    // What the burst started ends by itself, spin or not, and would else fall into the slope.
    await until('a pool without cold workers', 30_000, () => liveColdWorkers(server) === 0);
    return slopeInSilence(server);
  },
};
