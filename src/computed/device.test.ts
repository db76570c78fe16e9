import { describe, expect, it } from 'vitest';
import { isUnavailable, type Series } from '../model/artifacts.ts';
import { sampleTable, series } from '../testing/build.ts';
import { device } from './device.ts';

const read = (columns: Readonly<Record<string, Series>>) => {
  const found = device(sampleTable(columns));
  if (isUnavailable(found)) {
    throw new Error(found.reason);
  }
  return found;
};

const card = (instance: string, used: readonly (number | null)[], tree: readonly (number | null)[]) => ({
  [`gpu/${instance}/used_bytes`]: series(used),
  [`gpu/${instance}/total_bytes`]: series(used.map(() => 1000)),
  [`gpu/${instance}/tree_bytes`]: series(tree),
});
const told = (kind: string, used: readonly (number | null)[]) => ({
  [`target/metrics/headroom_device_used_bytes{kind="${kind}"}`]: series(used),
  [`target/metrics/headroom_device_total_bytes{kind="${kind}"}`]: series(used.map(() => 1000)),
});

describe('device', () => {
  it('tells all that a probe has read', () => {
    const found = read({
      ...card('cuda:GPU-a', [100, 200], [50, 150]),
      'gpu/cuda:GPU-a/free_bytes': series([890, 790]),
      'gpu/cuda:GPU-a/others_bytes': series([20, 20]),
      'gpu/cuda:GPU-a/unattributed_bytes': series([30, 30]),
      'gpu/cuda:GPU-a/utilization_percent': series([0, 80]),
    });
    expect(found).toMatchObject({ instance: 'cuda:GPU-a', kind: 'cuda', totalBytes: 1000 });
    const { usedBytes, freeBytes, treeBytes, othersBytes, unattributedBytes, utilizationPercent } = found;
    const all = [usedBytes, freeBytes, treeBytes, othersBytes, unattributedBytes, utilizationPercent];
    expect(all.map(({ values }) => [...values])).toEqual([
      [100, 200],
      [890, 790],
      [50, 150],
      [20, 20],
      [30, 30],
      [0, 80],
    ]);
  });

  it.each([
    ['virtual:0', 'virtual', 'a virtual one is never called anything else'],
    ['amd:0000:03:00.0', 'amd', 'the kernel names it by its place'],
    ['cuda:GPU-a', 'cuda', 'NVIDIA'],
  ])('of %s is of kind %s (%s)', (instance, kind, _why) => {
    expect(read(card(instance, [1], [1])).kind).toBe(kind);
  });

  it.each([
    [[10, 10], [500, 600], ['b', 'a'], 'the target holds more of b, though a neighbour fills a'],
    [[0, 0], [0, 0], ['a', 'b'], 'it holds nothing, so the fullest comes first'],
    [[null, null], [null, null], ['a', 'b'], 'nobody could tell, so the fullest comes first'],
  ])('puts the device of the target first: %j of a, %j of b gives %j (%s)', (ofA, ofB, order, _why) => {
    const found = read({ ...card('cuda:a', [900, 900], ofA), ...card('cuda:b', [600, 600], ofB) });
    expect(found.devices.map(({ instance }) => instance)).toEqual(order.map((name) => `cuda:${name}`));
    expect(found.instance).toBe(found.devices[0]?.instance);
  });

  it('takes what a probe read before what the server tells', () => {
    expect(read({ ...told('virtual', [7]), ...card('virtual:0', [5], [5]) }).instance).toBe('virtual:0');
  });

  it('takes what the server tells where no probe read anything', () => {
    const found = read({ ...told('virtual', [300]), ...card('virtual:0', [null], [null]) });
    expect(found).toMatchObject({ instance: 'metrics', kind: 'virtual', totalBytes: 1000 });
    expect([[...found.freeBytes.values], found.treeBytes.values.length]).toEqual([[700], 0]);
  });

  it('is there without a total where only holders are told', () => {
    const found = read({ 'gpu/intel:0000:4d:00.0/tree_bytes': series([64]) });
    expect([found.kind, found.totalBytes, found.freeBytes.values.length]).toEqual(['intel', null, 0]);
  });

  it.each<[Readonly<Record<string, Series>>, string]>([
    [{}, 'nothing was sampled'],
    [card('cuda:GPU-a', [null, null], [null, null]), 'every reading failed'],
    [told('virtual', [null]), 'the server tells nothing'],
    [{ 'target/metrics/headroom_device_used_bytes{kind="cuda"}': series([1]) }, 'the server tells no total'],
  ])('is unavailable from %j (%s)', (columns, _why) => {
    expect(device(sampleTable(columns))).toMatchObject({
      unavailable: true,
      reason: 'no device was read, and the target tells of none',
    });
  });
});
