import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fakeHost } from '../testing/fake-host.ts';
import { targetFinders } from './index.ts';

const address = {
  url: new URL('http://127.0.0.1:8000'),
  healthPath: '/health',
  readyPath: null,
  metricsUrl: null,
  deviceMonitor: null,
};

it('lists every finder of this folder under its file name', () => {
  const files = readdirSync(new URL('.', import.meta.url))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'index.ts')
    .map((name) => name.replace('.ts', ''));
  expect(targetFinders.map((finder) => finder.id).toSorted()).toEqual(files.toSorted());
});

it('reads nothing of a target whose memory comes from Prometheus, and keeps its password to itself', async () => {
  const finder = targetFinders.find(({ id }) => id === 'prometheus');
  const observe = { by: 'prometheus', url: 'http://me:secret@10.0.0.9:9090/', selector: 'pod="stt-0"' } as const;
  const target = await finder?.find(observe, address, fakeHost());
  expect(target?.description).toBe('memory comes from Prometheus at http://***@10.0.0.9:9090/ after the run');
  expect(target?.host).toBeNull();
  expect(target?.processes()).toEqual([]);
  expect(target?.metricsUrl?.href).toBe('http://127.0.0.1:8000/metrics');
});
