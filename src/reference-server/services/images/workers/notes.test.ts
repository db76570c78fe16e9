import { describe, expect, it } from 'vitest';
import { createNotes } from './notes.ts';

describe('createNotes', () => {
  const noteBytes = 16 * 1024;

  function afterRequests(count: number, drains: boolean): number {
    const notes = createNotes(noteBytes, drains);
    for (let request = 0; request < count; request += 1) {
      notes.finish(notes.take());
    }
    return notes.bytes();
  }

  it.each([
    ['one for each request for ever, if nobody drains', 1000, false, 1000 * noteBytes],
    ['one in all, if each is drained with its reply', 1000, true, noteBytes],
    ['none without requests', 0, false, 0],
  ])('holds %s', (_why, requests, drains, bytes) => {
    expect(afterRequests(requests, drains)).toBe(bytes);
  });

  it('gives two requests under way two notes, every page of them written', () => {
    const notes = createNotes(noteBytes, true);
    const [first, second] = [notes.take(), notes.take()];
    second.fill(0);
    expect(first.every((_byte, index) => index % 4096 !== 0 || first[index] !== 0)).toBe(true);
    expect(first.buffer === second.buffer && first.byteOffset === second.byteOffset).toBe(false);
  });

  it('makes notes of no bytes and notes larger than a piece', () => {
    expect(createNotes(0, false).take().length).toBe(0);
    expect(createNotes(3 * 1024 ** 2, false).take().length).toBe(3 * 1024 ** 2);
  });
});
