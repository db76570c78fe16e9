import { describe, expect, it } from 'vitest';
import { BenchError } from '../../base/errors.ts';
import type { OpenProbe, Probe } from '../../model/probe.ts';
import type { HostView } from '../../model/target.ts';
import { addProcess, fakeHost } from '../../testing/fake-host.ts';
import { targetOn } from '../../testing/open-probe.ts';
import { ourselves, probeRows, targetRow, untouched } from './target.ts';

const probe = (id: string, open: OpenProbe | { unavailable: string }): Probe => ({
  id,
  title: id,
  metrics: [],
  open: () => Promise.resolve(open),
});
const reading = (values: Record<string, number | null>, events: string[] = []): OpenProbe => ({
  read: () =>
    Promise.resolve({
      samples: Object.entries(values).map(([metric, value]) => ({ scope: 'target', instance: 'x', metric, value })),
      events: events.map((detail) => ({ kind: 'probe_unavailable', subject: 'x', detail })),
    }),
  close: () => Promise.resolve(),
});

describe('probeRows', () => {
  it.each([
    ['a', reading({ a: 1, b: 2 }), 'yes', '2 metrics', 'all there'],
    ['a', reading({ a: 0 }), 'yes', '1 metric', '0 is a reading'],
    ['a', reading({ a: 1, b: null }), 'yes', '1 metric; without b', 'names what is missing'],
    ['a', reading({ a: null }), 'no', 'nothing could be read; without a', 'all missing'],
    ['a', reading({}), 'yes', 'open; it has nothing to tell yet', 'tells of events only'],
    ['a', reading({}, ['it answers 404']), 'partly', 'it answers 404', 'gave up'],
    ['a', { unavailable: 'no file; run as root' }, 'no', 'no file', 'the reason before its remedy'],
    ['a', { unavailable: 'remote' }, 'no', "needs the target's host", 'said once, of the target'],
  ])('%s: %#', async (id, open, state, found, _reason) => {
    const target = targetOn(fakeHost(), { description: 'remote' });
    const [row] = await probeRows([probe(id, open)], target, Promise.resolve());
    expect(row).toMatchObject({ what: id, state, found });
  });

  it('reads the others if one throws', async () => {
    const broken: OpenProbe = { read: () => Promise.reject(new Error('broken')), close: () => Promise.resolve() };
    const list = [probe('a', broken), probe('b', reading({ b: 1 }))];
    const rows = await probeRows(list, targetOn(fakeHost()), Promise.resolve());
    expect(rows.map((row) => row.state)).toEqual(['no', 'yes']);
  });
});

describe('targetRow', () => {
  it('takes a target without a host for not found, and says what to do', async () => {
    const description = 'memory not observed (it belongs to another user; run as root)';
    const { row, isFound } = await targetRow(() => Promise.resolve(targetOn(null, { description })));
    expect(isFound).toBe(false);
    expect(row).toMatchObject({ state: 'no', found: 'it belongs to another user', remedy: 'run as root' });
  });

  it('takes a target of Prometheus for found: it is asked after the run', async () => {
    const { isFound } = await targetRow(() => Promise.resolve(targetOn(null, { id: 'prometheus' })));
    expect(isFound).toBe(true);
  });

  it('makes a row of a target that is not there, and throws anything else', async () => {
    const gone = new BenchError('TARGET_UNREACHABLE', 'Nothing listens.', { hint: 'Start it.' });
    const { row, target } = await targetRow(() => Promise.reject(gone));
    expect(row).toMatchObject({ state: 'no', found: 'Nothing listens.', remedy: 'Start it.' });
    expect(target).toBeNull();
    await expect(targetRow(() => Promise.reject(new BenchError('USAGE', 'two ways')))).rejects.toThrow('two ways');
  });
});

describe('untouched', () => {
  it('resets no high-water mark, though a probe believes so', () => {
    const host = fakeHost({ '/x/memory.peak': '900\n' });
    host.resets.set('/x/memory.peak', (files) => files.set('/x/memory.peak', '0\n'));
    const view: HostView = untouched(host);
    const held = view.hold('/x/memory.peak');
    expect(held?.write('0')).toBe(true);
    expect(held?.read()).toBe('900\n');
    expect(view.hold('/x/other')).toBeNull();
  });
});

describe('ourselves', () => {
  it('is this very process, or nothing without /proc', () => {
    const host = fakeHost();
    addProcess(host, { pid: 7, parentPid: 1, comm: 'node' });
    host.files.set('/proc/self/stat', host.files.get('/proc/7/stat') ?? '');
    const address = { url: null, healthPath: '/health', readyPath: null, metricsUrl: null, deviceMonitor: null };
    expect(ourselves(host, address).processes()).toMatchObject([{ pid: 7, role: 'node', isRoot: true }]);
    expect(ourselves(fakeHost(), address).host).toBeNull();
  });
});
