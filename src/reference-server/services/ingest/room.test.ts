import { describe, expect, it } from 'vitest';
import { readRoom, roomOf } from './room.ts';

const bound = { limitBytes: 1000, freeBytes: 600 };

describe('roomOf', () => {
  it.each([
    ['of one bound', [bound], null, 0.7, 0, { memoryBytes: 300, shmBytes: 400 }],
    [
      'of the tighter bound',
      [bound, { limitBytes: 400, freeBytes: 130 }],
      null,
      0.7,
      0,
      { memoryBytes: 10, shmBytes: 160 },
    ],
    ['less what is staged already', [bound], null, 0.7, 150, { memoryBytes: 300, shmBytes: 250 }],
    ['of a small /dev/shm', [bound], { totalBytes: 100, freeBytes: 90 }, 0.7, 0, { memoryBytes: 300, shmBytes: 60 }],
    ['that is used up', [{ limitBytes: 1000, freeBytes: 200 }], null, 0.7, 500, { memoryBytes: -100, shmBytes: -100 }],
  ])('is that %s', (_why, bounds, shm, ratio, staged, room) => {
    const { memoryBytes, shmBytes } = roomOf(bounds, shm, ratio, staged);
    expect({ memoryBytes: Math.round(memoryBytes), shmBytes: Math.round(shmBytes) }).toEqual(room);
  });

  it('is endless where no bound can be read', () => {
    expect(roomOf([], null, 0.7, 0)).toEqual({
      memoryBytes: Number.POSITIVE_INFINITY,
      shmBytes: Number.POSITIVE_INFINITY,
    });
  });

  it('does without the size of a folder that is not there', () => {
    expect(readRoom('/no/such/folder', 0.7, 0)).toEqual({
      memoryBytes: expect.any(Number) as number,
      shmBytes: expect.any(Number) as number,
    });
  });
});
