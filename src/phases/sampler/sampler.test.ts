import { describe, expect, it } from 'vitest';
import type { OpenProbe, Tick } from '../../model/probe.ts';
import { type ManualClock, manualClock } from '../../testing/manual-clock.ts';
import { createSampler, type SampleBatch, type Sampler, type SamplerEvent, type SamplerSummary } from './sampler.ts';

const tick: Omit<Tick, 'tMs'> = { stage: 'half', stageKind: 'load', quiesced: false };

function probeOf(read: OpenProbe['read']): OpenProbe {
  return { read, close: () => Promise.resolve() };
}

const constant = probeOf(() =>
  Promise.resolve({ samples: [{ scope: 'tree', instance: 'tree', metric: 'rss_bytes', value: 7 }], events: [] }),
);

interface Rig {
  clock: ManualClock;
  sampler: Sampler;
  batches: SampleBatch[];
  events: SamplerEvent[];
  stop(): Promise<SamplerSummary>;
}

function rig(open: OpenProbe = constant, publishesCost: boolean = false): Rig {
  const clock = manualClock();
  const stopping = new AbortController();
  const batches: SampleBatch[] = [];
  const events: SamplerEvent[] = [];
  const sampler = createSampler({
    clock,
    probes: [{ id: 'fake', open }],
    intervalMs: 1000,
    tick: () => tick,
    emit: (batch) => batches.push(batch),
    onEvent: (event) => events.push(event),
    publishesCost,
    signal: stopping.signal,
  });
  return {
    clock,
    sampler,
    batches,
    events,
    stop() {
      stopping.abort();
      return sampler;
    },
  };
}

describe('the sampler', () => {
  it('reads at absolute deadlines, the first at once', async () => {
    const { clock, batches, stop } = rig();
    await clock.advance(3500);
    expect(batches.map((batch) => batch.tMs)).toEqual([0, 1000, 2000, 3000]);
    expect(batches[0]).toEqual({
      tMs: 0,
      stage: 'half',
      quality: 'ok',
      samples: [{ probe: 'fake', scope: 'tree', instance: 'tree', metric: 'rss_bytes', value: 7 }],
    });
    expect(await stop()).toMatchObject({ expectedSamples: 4, missedSamples: 0, costMs: { p50: 0, p99: 0 } });
  });

  it('does not drift: a late tick leaves the next deadline where it was', async () => {
    const { clock, batches, events, stop } = rig();
    await clock.advance(0);
    clock.stall(1300);
    await clock.advance(2000);
    expect(batches.map((batch) => [batch.tMs, batch.quality])).toEqual([
      [0, 'ok'],
      [1300, 'ok'],
      [2000, 'ok'],
      [3000, 'ok'],
    ]);
    expect(events).toEqual([]);
    await stop();
  });

  it.each([
    [1600, 0, [0, 1600, 2000]],
    [3400, 2, [0, 3400, 4000]],
  ])('calls a tick at %i ms late and counts %i missed', async (wakesMs, missed, times) => {
    const { clock, batches, events, stop } = rig();
    await clock.advance(0);
    clock.stall(wakesMs);
    await clock.advance(600);
    expect(batches.map((batch) => batch.tMs)).toEqual(times);
    expect(batches.map((batch) => batch.quality)).toEqual(['ok', 'late', 'ok']);
    expect(events).toEqual([
      {
        tMs: wakesMs,
        kind: 'gap',
        subject: 'sampler',
        detail: `${wakesMs - 1000} ms after its deadline, ${missed} samples missed`,
      },
    ]);
    expect(await stop()).toMatchObject({ expectedSamples: 3 + missed, missedSamples: missed });
  });

  it('publishes what a reading cost, as samples of its own', async () => {
    const slow = manualSlowProbe();
    const { clock, batches, stop } = rig(slow.probe, true);
    slow.clock = clock;
    await clock.advance(1000);
    const costs = batches.flatMap((batch) => batch.samples.filter((sample) => sample.metric === 'read_cost_ms'));
    expect(costs[1]).toEqual({
      probe: 'sampler',
      scope: 'client',
      instance: 'sampler',
      metric: 'read_cost_ms',
      value: 40,
    });
    expect((await stop()).costMs.p99).toBe(40);
  });

  it('tells its memory and processor time once a second, however short the interval', async () => {
    const { clock, sampler, batches, stop } = rig(constant, true);
    sampler.setIntervalMs(100);
    await clock.advance(1500);
    const timesOf = (metric: string): number[] =>
      batches.filter(({ samples }) => samples.some((sample) => sample.metric === metric)).map(({ tMs }) => tMs);
    expect(timesOf('cpu_seconds')).toEqual([0, 1000]);
    expect(timesOf('read_cost_ms')).toHaveLength(batches.length);
    await stop();
  });

  it('gives nulls for a probe that throws and keeps the others', async () => {
    let isBroken = false;
    const { clock, batches, stop } = rig(
      probeOf((at) => (isBroken ? Promise.reject(new Error('EIO')) : constant.read(at))),
    );
    await clock.advance(0);
    isBroken = true;
    await clock.advance(1000);
    expect(batches.map((batch) => batch.samples.map((sample) => sample.value))).toEqual([[7], [null]]);
    await stop();
  });

  it('follows a shorter interval at once, without calling anything missed', async () => {
    const { clock, sampler, batches, stop } = rig();
    await clock.advance(450);
    sampler.setIntervalMs(100);
    await clock.advance(200);
    sampler.setIntervalMs(1000);
    await clock.advance(1000);
    expect(batches.map((batch) => [batch.tMs, batch.quality])).toEqual([
      [0, 'ok'],
      [450, 'ok'],
      [550, 'ok'],
      [650, 'ok'],
      [1650, 'ok'],
    ]);
    expect(await stop()).toMatchObject({ missedSamples: 0 });
  });

  it('passes on events of known kinds and closes its probes at the end', async () => {
    let closed = 0;
    const { clock, events, stop } = rig({
      read: () =>
        Promise.resolve({
          samples: [],
          events: [
            { kind: 'process_gone', subject: 'worker#5', detail: '' },
            { kind: 'no such kind', subject: '', detail: '' },
          ],
        }),
      close() {
        closed += 1;
        return Promise.resolve();
      },
    });
    await clock.advance(0);
    await stop();
    expect(events).toEqual([{ tMs: 0, kind: 'process_gone', subject: 'worker#5', detail: '' }]);
    expect(closed).toBe(1);
  });
});

function manualSlowProbe(): { probe: OpenProbe; clock: ManualClock | null } {
  const slow: { probe: OpenProbe; clock: ManualClock | null } = {
    clock: null,
    probe: probeOf((at) => {
      slow.clock?.stall(40);
      return constant.read(at);
    }),
  };
  return slow;
}
