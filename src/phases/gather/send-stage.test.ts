import { describe, expect, it } from 'vitest';
import type { EngineSession } from '../../model/engine.ts';
import type { ClosedRows, OpenRows, PlanRow } from '../../model/plan.ts';
import type { ClientManners, Load, Stage } from '../../model/profile.ts';
import { stage } from '../../testing/build.ts';
import { streamedItem } from '../../testing/contract-rows.ts';
import { type ManualClock, manualClock } from '../../testing/manual-clock.ts';
import { StageSender } from './send-stage.ts';

/** As a busy engine is; a stage that is looked at before has nothing in flight yet. */
const lateMs = 100;

const burst: Load = { executor: 'burst', size: 3, repeats: 2, everyMs: 1000, maxInFlight: 6 };
const shared: Load = { executor: 'shared-iterations', vus: 2, iterations: 4, thinkMs: 0 };
const steady: Load = { executor: 'constant-vus', vus: 2, thinkMs: 0 };
const retrying: ClientManners = {
  abandonAfterMs: 1000,
  retries: 2,
  retryPauseMs: 0,
  uploadBytesPerSecond: null,
  disconnectAtRatio: null,
};

function row(seq: number, plannedMs: number | null, slot: number | null): PlanRow {
  return { seq, stage: 'load', item: streamedItem(`item-${seq}`, 10), timeoutMs: 9000, plannedMs, slot, client: null };
}

const burstRows: OpenRows = {
  model: 'open',
  rows: Array.from({ length: 6 }, (_, seq) => row(seq, Math.floor(seq / 3) * 1000, null)),
  maxInFlight: 6,
};

function closedRows(inAll: number | null): ClosedRows {
  let drawn = 0;
  return {
    model: 'closed',
    slots: 2,
    thinkMs: 0,
    window: () => ({ fromMs: 0, toMs: 30_000 }),
    draw(slot) {
      drawn += 1;
      return inAll !== null && drawn > inAll ? null : row(drawn, null, slot);
    },
  };
}

/** An engine that answers each request after `answerMs`, sends it a little late, and ends with its stage. */
function openSender(clock: ManualClock, answerMs: number, failure: Error | null = null) {
  const stopping = new AbortController();
  const recorder = { recorded: 0 };
  let planned = 0;
  const ask = async (): Promise<void> => {
    await clock.sleepUntil(clock.nowMs() + answerMs);
    recorder.recorded += 1;
  };
  const runSlot = async (rows: ClosedRows, slot: number, endMs: number): Promise<void> => {
    for (let turn = 0; clock.nowMs() < endMs && rows.draw(slot, turn) !== null; turn += 1) {
      planned += 1;
      await ask();
    }
  };
  const session: Pick<EngineSession, 'runStage' | 'planned'> = {
    planned: () => planned,
    async runStage(rows, startMs, endMs) {
      if (rows.model === 'open') {
        planned += rows.rows.length;
        for (const { plannedMs } of rows.rows) {
          await clock.sleepUntil(startMs + (plannedMs ?? 0) + lateMs, stopping.signal);
          void ask();
        }
      } else {
        void runSlot(rows, 0, endMs);
        void runSlot(rows, 1, endMs);
      }
      await clock.sleepUntil(endMs, stopping.signal);
      if (failure !== null) {
        throw failure;
      }
    },
  };
  const control = { signal: stopping.signal };
  return { sender: new StageSender({ session: session as EngineSession, recorder, clock, control }), stopping };
}

function stageOf(load: Load, client: ClientManners | null = null): Stage {
  return { ...stage('load', 'load', 30_000), load, client };
}

/** The second in which a stage of 30 s was over. */
async function overAfter(
  load: Load,
  rows: OpenRows | ClosedRows,
  options: { answerMs: number; client?: ClientManners },
) {
  const clock = manualClock();
  const { sender } = openSender(clock, options.answerMs);
  const over = sender.send(stageOf(load, options.client ?? null), rows, 0).then(() => clock.nowMs());
  await clock.advance(60_000);
  return Math.round((await over) / 100) / 10;
}

describe('StageSender', () => {
  it.each<[why: string, load: Load, rows: () => OpenRows | ClosedRows, answerMs: number, seconds: number]>([
    ['bursts are over two seconds after the last answer', burst, () => burstRows, 500, 3.6],
    ['a burst that is not answered takes its whole time', burst, () => burstRows, 60_000, 30],
    ['answers that come just before the end do not lengthen a stage', burst, () => burstRows, 28_500, 30],
    ['shared iterations are over two seconds after the last answer', shared, () => closedRows(4), 500, 3],
    ['iterations that take too long end with the stage', shared, () => closedRows(4), 20_000, 30],
    ['a number of VUs has no last request', steady, () => closedRows(null), 500, 30],
  ])('%s', async (_why, load, rows, answerMs, seconds) => {
    expect(await overAfter(load, rows(), { answerMs })).toBe(seconds);
  });

  it('a stage with retries takes its whole time, since nobody knows how many there will be', async () => {
    expect(await overAfter(burst, burstRows, { answerMs: 500, client: retrying })).toBe(30);
  });

  it('a stop ends a stage at once', async () => {
    const clock = manualClock();
    const { sender, stopping } = openSender(clock, 60_000);
    const sent = sender.send(stageOf(burst), burstRows, 0);
    await clock.advance(5000);
    stopping.abort();
    await sent;
    expect(clock.nowMs()).toBe(5000);
  });

  it('a failure of the engine is that of the stage', async () => {
    const clock = manualClock();
    const { sender } = openSender(clock, 500, new Error('engine broke'));
    const sent = sender.send(stageOf(steady), closedRows(null), 0);
    const failed = expect(sent).rejects.toThrow('engine broke');
    await clock.advance(30_000);
    await failed;
  });

  it('a failure after a stage was over is that of the next one', async () => {
    const clock = manualClock();
    const { sender } = openSender(clock, 500, new Error('engine broke late'));
    const first = sender.send(stageOf(shared), closedRows(4), 0);
    await clock.advance(10_000);
    await first;
    const failed = expect(sender.send(stageOf(steady), closedRows(null), clock.nowMs())).rejects.toThrow('late');
    await clock.advance(30_000);
    await failed;
  });
});
