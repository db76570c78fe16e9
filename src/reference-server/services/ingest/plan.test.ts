import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { committedPlan, type Plan, plateauBytes, type Room, type TaskCost, throttledBatch } from './plan.ts';

const mebibyte = 1024 ** 2;
const imageBytes = 144 * mebibyte;
const unlimited = Number.POSITIVE_INFINITY;
const inShm: TaskCost = { queuedBytes: imageBytes, privateBytes: 2 * imageBytes, pinnedBytes: 0 };
const onDisk: TaskCost = { queuedBytes: 0, privateBytes: 0, pinnedBytes: 0 };

describe('plateauBytes', () => {
  it.each([
    ['2 loaders of 4 x 4, as measured in the incident', { loaders: 2, batch: 4, prefetch: 4 }, 5184],
    ['single tasks', { loaders: 2, batch: 1, prefetch: 4 }, 1296],
    ['nothing ahead', { loaders: 2, batch: 1, prefetch: 1 }, 432],
    ['one loader', { loaders: 1, batch: 4, prefetch: 2 }, 1728],
    ['the defaults of the incident: 57.4 GiB', { loaders: 4, batch: 24, prefetch: 4 }, 58_752],
    ['with batches of 4: 9.6 GiB', { loaders: 4, batch: 4, prefetch: 4 }, 9792],
  ])('%s', (_why, plan, mib) => {
    expect(plateauBytes(plan, imageBytes) / mebibyte).toBe(mib);
  });
});

describe('committedPlan', () => {
  const asked: Plan = { loaders: 4, batch: 24, prefetch: 4 };
  const slowLoad = { loadMs: 4000, inferMs: 1000 };
  const rows: readonly [why: string, cost: TaskCost, times: typeof slowLoad, room: Room, plan: Plan][] = [
    ['all of it fits', inShm, slowLoad, { memoryBytes: unlimited, shmBytes: unlimited }, asked],
    [
      'inference is the slow part: one batch ahead is enough',
      inShm,
      { loadMs: 100, inferMs: 1000 },
      { memoryBytes: unlimited, shmBytes: unlimited },
      { ...asked, prefetch: 1 },
    ],
    [
      '(17 + 8) x B x 144 MiB within 48 GiB',
      inShm,
      slowLoad,
      { memoryBytes: 48 * 1024 * mebibyte, shmBytes: unlimited },
      { ...asked, batch: 13 },
    ],
    [
      '17 x B x 144 MiB within a /dev/shm of 10 GiB',
      inShm,
      slowLoad,
      { memoryBytes: unlimited, shmBytes: 10 * 1024 * mebibyte },
      { ...asked, batch: 4 },
    ],
    [
      'too little for four ahead: the queue is shortened before loaders are given up',
      inShm,
      slowLoad,
      { memoryBytes: unlimited, shmBytes: 9 * 144 * mebibyte },
      { loaders: 4, batch: 1, prefetch: 2 },
    ],
    [
      'no room at all: one task at a time',
      inShm,
      slowLoad,
      { memoryBytes: -1, shmBytes: -1 },
      { loaders: 1, batch: 1, prefetch: 1 },
    ],
    ['files on disk cost nothing', onDisk, slowLoad, { memoryBytes: -1, shmBytes: -1 }, asked],
  ];
  it.each(rows)('%s', (_why, cost, times, room, plan) => {
    expect(committedPlan(asked, { cost, ...times }, room)).toEqual(plan);
  });

  it('never exceeds the room where one task at a time fits it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 500 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        (images, load, infer) => {
          const room = { memoryBytes: images * imageBytes, shmBytes: images * imageBytes };
          const plan = committedPlan(asked, { cost: inShm, loadMs: load, inferMs: infer }, room);
          const heldBytes = plateauBytes(plan, imageBytes) + plan.loaders * plan.batch * 2 * imageBytes;
          expect(heldBytes).toBeLessThanOrEqual(room.memoryBytes);
          expect(plan.batch).toBeLessThanOrEqual(asked.batch);
        },
      ),
    );
  });
});

describe('throttledBatch', () => {
  const open = { memoryBytes: unlimited, shmBytes: unlimited };
  const base = { asked: 24, cost: inShm, room: open, unstagedTasks: 0, outstanding: 3 };
  const rows: readonly [why: string, change: Partial<Parameters<typeof throttledBatch>[0]>, tasks: number][] = [
    ['there is room for all', {}, 24],
    ['nothing is known yet: one task, to learn its size', { cost: null, outstanding: 0 }, 1],
    ['and no second one before the first came', { cost: null, outstanding: 1 }, 0],
    ['room for ten, three parts each', { room: { ...open, memoryBytes: 30 * imageBytes } }, 10],
    ['what is on its way counts', { room: { ...open, memoryBytes: 30 * imageBytes }, unstagedTasks: 8 }, 2],
    ['/dev/shm is the narrower one', { room: { ...open, shmBytes: 5 * imageBytes } }, 5],
    ['it is full: wait', { room: { ...open, shmBytes: 0 } }, 0],
    [
      'it is full, and nothing is under way: waiting frees nothing',
      { room: { ...open, shmBytes: 0 }, outstanding: 0 },
      1,
    ],
    ['the host is over its share', { room: { ...open, memoryBytes: -1 } }, 0],
    ['files on disk wait for no memory', { cost: onDisk, room: { memoryBytes: 1, shmBytes: 0 } }, 24],
  ];
  it.each(rows)('%s', (_why, change, tasks) => {
    expect(throttledBatch({ ...base, ...change })).toBe(tasks);
  });
});
