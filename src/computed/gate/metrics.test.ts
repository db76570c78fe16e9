import { describe, expect, it } from 'vitest';
import { peakRuns } from '../../testing/gate-nights.ts';
import { sampleResult } from '../../testing/sample-result.ts';
import { gateMetricsOf, metricKey, nightMetrics } from './metrics.ts';

describe('metrics of a run', () => {
  it('are its peaks, what is left after load, and of each judged load memory, rate and latency', () => {
    expect(gateMetricsOf(sampleResult()).map(metricKey)).toEqual([
      'peak-memory',
      'device-peak@virtual:0',
      'settled-memory',
      ...['ramp', 'hold', 'burst'].flatMap((stage) =>
        ['stage-memory', 'throughput', 'p50-latency', 'p95-latency', 'p99-latency'].map((id) => `${id}/${stage}`),
      ),
    ]);
  });

  it('leave out what was not measured', () => {
    const result = sampleResult();
    const memory = { ...result.memory, peakBytes: null, floorBytes: null, devices: [] };
    const stages = result.stages.filter(({ kind }) => kind !== 'load');
    expect(gateMetricsOf({ ...result, memory, stages })).toEqual([]);
  });

  it('take what the target holds of a device, and all that is used where that is not known', () => {
    const result = sampleResult();
    const [device] = result.memory.devices;
    const alone = {
      ...result,
      memory: { ...result.memory, devices: [{ ...device, targetPeakBytes: null }] },
    } as typeof result;
    const peakOf = (one: typeof result): number | undefined =>
      gateMetricsOf(one).find(({ id }) => id === 'device-peak')?.value;
    expect(peakOf(result)).toBe(device?.targetPeakBytes);
    expect(peakOf(alone)).toBe(device?.peakBytes);
  });
});

describe('metrics of a night', () => {
  it.each([
    { why: 'one run', peaks: [5], median: 5 },
    { why: 'three, of which one is odd', peaks: [5, 90, 6], median: 6 },
    { why: 'two', peaks: [4, 6], median: 5 },
  ])('are the median of its repeats, which are all kept: $why', ({ peaks, median }) => {
    const [metric] = nightMetrics(peakRuns(peaks, 'night').map(({ result }) => result));
    expect(metric).toMatchObject({ id: 'peak-memory', values: peaks, median });
  });

  it('count the answers of all repeats', () => {
    const p99 = nightMetrics([sampleResult(), sampleResult()]).find(
      ({ id, stage }) => id === 'p99-latency' && stage === 'hold',
    );
    expect(p99?.requests).toBe(2 * 238);
  });

  it('of no run are none', () => {
    expect(nightMetrics([])).toEqual([]);
  });
});
