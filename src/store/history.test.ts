import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pastNight, testedSeries } from '../testing/gate-nights.ts';
import { appendHistory, historyFile, historyFiles, lastSessions, readHistory } from './history.ts';

let scratch: string;
let path: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-history-'));
  path = historyFile(scratch, testedSeries);
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const nights = [0, 1, 2].map((order) => pastNight(order, 100));

describe('the history of a series', () => {
  it('gives back what was appended, in order', () => {
    for (const night of nights) {
      appendHistory(path, [night]);
    }
    expect(readHistory(path)).toEqual(nights);
    expect(historyFiles(scratch)).toEqual([path]);
  });

  it('refuses a series that would name a page elsewhere', () => {
    appendHistory(path, [{ ...pastNight(0, 100), series: '../../up' }]);
    expect(() => readHistory(path)).toThrow(expect.objectContaining({ code: 'RESULT_UNREADABLE' }));
  });

  it('is empty without a file', () => {
    expect(readHistory(path)).toEqual([]);
    expect(historyFiles(scratch)).toEqual([]);
  });

  it('drops a torn last line, and cuts it off before the next one', () => {
    appendHistory(path, nights.slice(0, 2));
    appendFileSync(path, '{"kind":"session","ser');
    expect(readHistory(path)).toEqual(nights.slice(0, 2));
    appendHistory(path, nights.slice(2));
    expect(readHistory(path)).toEqual(nights);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(4);
  });

  it('survives a file that is nothing but a torn line', () => {
    appendHistory(path, []);
    writeFileSync(path, '{"kind"');
    appendHistory(path, nights);
    expect(readHistory(path)).toEqual(nights);
  });

  it('tells the last session of each series', () => {
    appendHistory(path, [...nights, pastNight(7, 1, { series: 'other' })]);
    expect(lastSessions([path]).map(({ sessionId }) => sessionId)).toEqual(['night-2', 'night-7']);
  });

  it.each([
    { why: 'no JSON', line: 'nonsense', says: 'is no JSON' },
    { why: 'JSON of something else', line: '{"kind":"night","series":"x"}', says: 'is no line of a history' },
    {
      why: 'of a later major version',
      line: JSON.stringify({ ...nights[0], schemaVersion: '9.0' }),
      says: 'has schema 9.0',
    },
  ])('refuses a whole line that it cannot read, with its place: $why', ({ line, says }) => {
    appendHistory(path, nights.slice(0, 1));
    appendFileSync(path, `${line}\n`);
    expect(() => readHistory(path)).toThrow(`${path}:2`);
    expect(() => readHistory(path)).toThrow(says);
  });

  it('says which file cannot be written', () => {
    const file = join(scratch, 'file');
    writeFileSync(file, '');
    chmodSync(file, 0o400);
    const inside = join(file, 'history.jsonl');
    expect(() => appendHistory(inside, nights)).toThrow(`${inside} cannot be written`);
    expect(existsSync(inside)).toBe(false);
  });
});
