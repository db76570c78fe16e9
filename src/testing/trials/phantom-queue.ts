import { leaveDeadWorkers, sendClip, speechForm, until } from '../speech-pool.ts';
import type { FaultTrial, TrialServer } from './trial.ts';

const clipSeconds = 90;
const clips = 4;
const spawnLimitMs = 25_000;

async function gaugeOf(server: TrialServer, name: string): Promise<number> {
  const value = await server.metric(`uttera_stt_${name}`);
  if (value === null) {
    throw new Error(`there is no gauge ${name}`);
  }
  return value;
}

/** Waits until a worker is started with no clip in the server, or until the pool has let all of its workers go. */
async function spawnsWithoutWork(server: TrialServer): Promise<boolean> {
  const before = await gaugeOf(server, 'cold_workers_spawned_total');
  let hasSpawned = false;
  await until('a spawn or an empty pool', spawnLimitMs, async () => {
    hasSpawned = (await gaugeOf(server, 'cold_workers_spawned_total')) > before;
    const held = (await gaugeOf(server, 'cold_workers_active')) + (await gaugeOf(server, 'cold_workers_loading'));
    return hasSpawned || held === 0;
  });
  return hasSpawned;
}

export const phantomQueueTrial: FaultTrial = {
  fault: 'phantom-queue',
  measures: 'clips in the gauge that nobody has in flight; more than one starts workers',
  unit: 'count',
  memoryLimitBytes: null,
  // Small workers that start quickly; a host short of memory is to veto none of them.
  args: [
    ...['--time-scale', '0.05', '--device', 'virtual'],
    ...['worker-mib=16', 'cold-start-s=2', 'ram-gate=false'].flatMap((knob) => ['--knob', knob]),
  ],
  cases: [
    { fixes: [], expected: { least: 1.01 } },
    { fixes: ['balanced-gauge'], expected: { least: 0, most: 0 } },
  ],
  async measure(server) {
    const form = speechForm(clipSeconds, 8000);
    await leaveDeadWorkers(server, form);
    const replies = await Promise.all(Array.from({ length: clips }, () => sendClip(server, form)));
    const refused = replies.find(({ status }) => status !== 200);
    if (refused !== undefined) {
      throw new Error(`a clip after the lull was answered ${refused.status}: ${refused.body.slice(0, 200)}`);
    }
    if ((await gaugeOf(server, 'requeued_total')) === 0) {
      throw new Error('no clip met a dead worker');
    }
    const excessClips = (await gaugeOf(server, 'work_queue_audio_seconds')) / clipSeconds;
    if ((await spawnsWithoutWork(server)) !== excessClips > 1) {
      throw new Error(
        `with ${excessClips} clips too many in the gauge the pool ${excessClips > 1 ? 'started nobody' : 'grew'}`,
      );
    }
    return excessClips;
  },
};
