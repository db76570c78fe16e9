import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cachedPieces } from './bank-cache.ts';

const pieces = [Buffer.from('first'), Buffer.alloc(0), Buffer.from('third')];
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-bank-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What was given, and how often it had to be made. */
function ask(key = 'key', at = folder): { given: string[]; made: number } {
  let made = 0;
  const given = cachedPieces(at, key, () => {
    made += 1;
    return pieces;
  });
  return { given: given.map((piece) => Buffer.from(piece).toString()), made };
}

const given = ['first', '', 'third'];

describe('cachedPieces', () => {
  it('makes the pieces once and then reads them, in a folder that it makes', () => {
    const deep = join(folder, 'not', 'yet', 'there');
    expect(ask('key', deep)).toEqual({ given, made: 1 });
    expect(ask('key', deep)).toEqual({ given, made: 0 });
    expect(readdirSync(deep)).toEqual(['key.bank']);
  });

  it('keeps what has another key apart', () => {
    ask('key');
    expect(ask('other')).toEqual({ given, made: 1 });
  });

  it.each([
    { why: 'lost its end', damage: (bytes: Buffer) => bytes.subarray(0, -1) },
    { why: 'has a changed byte', damage: (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.from('x')]) },
    { why: 'is empty', damage: () => Buffer.alloc(0) },
    { why: 'is something else', damage: () => Buffer.from('this is a text of more than thirty six bytes') },
  ])('makes them anew where the file $why, and mends the file', ({ damage }) => {
    ask();
    const file = join(folder, 'key.bank');
    writeFileSync(file, damage(readFileSync(file)));
    expect(ask()).toEqual({ given, made: 1 });
    expect(ask()).toEqual({ given, made: 0 });
  });

  it('gives the pieces where nothing can be written', () => {
    const file = join(folder, 'a file');
    writeFileSync(file, '');
    expect(ask('key', join(file, 'below'))).toEqual({ given, made: 1 });
  });
});
