import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { workHere } from '../../phases/corpus/work.ts';
import { corpusCatCommand, parseByteRange } from './corpus.ts';
import { corpusBuildCommand } from './corpus-build.ts';
import { corpusInspectCommand } from './corpus-inspect.ts';
import { tableLines } from './corpus-list.ts';
import { type OpenedCorpus, openByName, parseItems } from './corpus-open.ts';
import { corpusVerifyCommand } from './corpus-verify.ts';

const recipe = `name: calls
title: Short calls, and a few long ones
generator: speech-longform
seed: 7
count: 8
params:
  sampleRate: 8000
  by: seconds
  buckets:
    - { from: 1, to: 2, share: 0.75 }
    - { from: 2, to: 5, share: 0.25 }
licence: Apache-2.0
`;
const here = ({ corpus }: OpenedCorpus): ReturnType<typeof workHere> => workHere(corpus);

let folder: string;
let name: string;
let printed: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-corpus-'));
  name = join(folder, 'calls.yaml');
  writeFileSync(name, recipe);
  printed = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

describe('a choice of items', () => {
  it.each([
    { text: '7', items: [7] },
    { text: '0-2', items: [0, 1, 2] },
    { text: '5,3, 3', items: [3, 5] },
    { text: '6-7,0-1,1', items: [0, 1, 6, 7] },
  ])('$text is $items', ({ text, items }) => {
    expect(parseItems(text, 8)).toEqual(items);
  });

  it.each([
    { text: '3-1', why: 'it runs backwards' },
    { text: '', why: 'it is empty' },
    { text: '1,', why: 'a part is empty' },
    { text: '-1', why: 'it is negative' },
    { text: 'all', why: 'it is a word' },
    { text: '8', why: 'there is no such item' },
    { text: '0-8', why: 'its end is no item' },
  ])('"$text" is refused, since $why', ({ text }) => {
    expect(() => parseItems(text, 8)).toThrowError(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('a range of bytes', () => {
  it('does not include its end', () => {
    expect(parseByteRange('0-4', 100)).toEqual({ start: 0, end: 4 });
    expect(parseByteRange('100-100', 100)).toEqual({ start: 100, end: 100 });
  });

  it.each(['4-0', '0-101', '5', '-5', '0-', 'a-b', ''])('"%s" of 100 bytes is refused', (text) => {
    expect(() => parseByteRange(text, 100)).toThrowError(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('bench corpus cat', () => {
  /** Keeps what is written; fails after `most` bytes, as a pipe does whose reader has gone. */
  function pipe(most: number): { stream: Writable; bytes(): Buffer } {
    const parts: Buffer[] = [];
    let length = 0;
    const stream = new Writable({
      highWaterMark: 1000,
      write(chunk: Buffer, _encoding, done) {
        length += chunk.length;
        parts.push(chunk);
        done(length > most ? Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }) : null);
      },
    });
    return { stream, bytes: () => Buffer.concat(parts) };
  }

  it('streams an item, or a range of it', async () => {
    const item = openByName(name).corpus.items[2];
    const whole = pipe(Number.POSITIVE_INFINITY);
    expect(await corpusCatCommand(name, 2, {}, whole.stream)).toBe(0);
    expect(whole.bytes()).toHaveLength(item?.bytes ?? 0);
    const part = pipe(Number.POSITIVE_INFINITY);
    await corpusCatCommand(name, 2, { range: '8-5000' }, part.stream);
    expect(part.bytes().equals(whole.bytes().subarray(8, 5000))).toBe(true);
  });

  it('ends quietly when its reader has gone', async () => {
    const { stream, bytes } = pipe(10);
    expect(await corpusCatCommand(name, 2, {}, stream)).toBe(0);
    expect(bytes().length).toBeLessThanOrEqual(65_536);
  });

  it('refuses an item that is not there', async () => {
    await expect(corpusCatCommand(name, 8, {})).rejects.toMatchObject({ code: 'USAGE', hint: 'Items are 0 to 7.' });
  });
});

describe('bench corpus build and verify', () => {
  it('agree, and say in a few lines what there is', async () => {
    const out = join(folder, 'built');
    expect(await corpusBuildCommand(name, { out, items: '0-2' }, here)).toBe(0);
    expect(printed.join('')).toMatch(
      /^built {3}3 items, .*\na part {2}3 of 8 items of calls are there\nfolder {2}\/.*built\n$/,
    );
    printed = [];
    expect(await corpusBuildCommand(name, { out }, here)).toBe(0);
    expect(printed.join('')).toMatch(
      /built {3}5 items, .* kB in .*; 3 lay there already\nwhole {3}all 8 items of calls/,
    );
    expect(readdirSync(out)).toHaveLength(9);
    printed = [];
    expect(await corpusVerifyCommand(name, out, {}, here)).toBe(0);
    expect(printed.join('')).toMatch(
      /made again {4}8 items.*\nnot pinned.*\ncontentDigest: [0-9a-f]{64}\nsame bytes {4}8 items/,
    );
  });

  it('differ by one byte: a line names the file, exit 3', async () => {
    const out = join(folder, 'built');
    await corpusBuildCommand(name, { out }, here);
    const file = join(out, 'calls-00006.wav');
    const bytes = readFileSync(file);
    bytes[999] = (bytes[999] ?? 0) ^ 128;
    writeFileSync(file, bytes);
    printed = [];
    await expect(corpusVerifyCommand(name, out, {}, here)).rejects.toMatchObject({
      code: 'CORPUS_DIGEST_MISMATCH',
      exitCode: 3,
      message: expect.stringContaining('is not calls: one fault.') as string,
    });
    expect(printed[0]).toBe('changed: calls-00006.wav differs from byte 999 on\n');
  });

  it('compare with the content digest that the recipe pins', async () => {
    await corpusVerifyCommand(name, null, {}, here);
    const line = /^contentDigest: [0-9a-f]{64}$/m.exec(printed.join(''))?.[0] ?? '';
    writeFileSync(name, `${recipe}${line}\n`);
    printed = [];
    expect(await corpusVerifyCommand(name, null, {}, here)).toBe(0);
    expect(printed.join('')).toContain('as pinned');
    writeFileSync(name, `${recipe}contentDigest: ${'ab'.repeat(32)}\n`);
    await expect(corpusVerifyCommand(name, null, {}, here)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('the recipe pins abababababab') as string,
    });
    expect(await corpusVerifyCommand(name, null, { items: '3' }, here)).toBe(0);
    expect(printed.join('')).toMatch(/a part {8}1 of 8 items; the rest was not made\ndigest of it {2}[0-9a-f]{64}\n$/);
  });
});

describe('bench corpus list', () => {
  const rows = [
    [
      'calls',
      '16,694',
      '20.0 GB',
      '347 h 13 min audio',
      'speech-longform',
      'Telephone calls of one second to fifteen minutes',
    ],
    ['stt-short', '200', '47.4 MB', '24 min 40 s audio', 'speech-longform', 'Short utterances'],
  ];

  it('is one line a corpus, numbers right and words left', () => {
    expect(tableLines(rows, null)).toEqual([
      'name        items    bytes               holds  generator        title',
      'calls      16,694  20.0 GB  347 h 13 min audio  speech-longform  Telephone calls of one second to fifteen minutes',
      'stt-short     200  47.4 MB   24 min 40 s audio  speech-longform  Short utterances',
    ]);
  });

  it('puts titles below on a terminal that is too narrow', () => {
    expect(tableLines(rows, 65)).toEqual([
      'name        items    bytes               holds  generator',
      'calls      16,694  20.0 GB  347 h 13 min audio  speech-longform',
      '  Telephone calls of one second to fifteen minutes',
      'stt-short     200  47.4 MB   24 min 40 s audio  speech-longform',
      '  Short utterances',
    ]);
    expect(tableLines(rows, 30)[2]).toBe('  Telephone calls of one seco…');
  });
});

describe('bench corpus inspect', () => {
  it('shows a stranger what there is, in 80 columns but for digests and paths', async () => {
    await corpusInspectCommand(name, { json: false });
    const text = printed.join('');
    expect(text).toContain('calls: Short calls, and a few long ones\n');
    expect(text).toMatch(/items +8, audio\/wav\n/);
    expect(text).toMatch(/first ids +calls\/00000 {2}calls\/00001 {2}calls\/00002\n/);
    expect(text).toMatch(/1\.0 s – 2\.0 s .* 6 +75 %\n +2\.0 s – 5\.0 s .* 2 +25 %\n/);
    expect(text).toContain('audioSeconds, 8 items\n');
    const wide = text.split('\n').filter((line) => line.length > 80 && !/^(recipe|digest)/.test(line));
    expect(wide).toEqual([]);
  });

  it('counts an item that two parts may hold where the recipe planned more', async () => {
    const overlapping = recipe
      .replace('{ from: 1, to: 2, share: 0.75 }', '{ from: 1, to: 3, count: 4 }')
      .replace('{ from: 2, to: 5, share: 0.25 }', '{ from: 1, to: 3, count: 4 }');
    writeFileSync(name, overlapping);
    await corpusInspectCommand(name, { json: true });
    const { parts } = JSON.parse(printed.join('')) as { parts: { count: number }[] };
    expect(parts.map(({ count }) => count)).toEqual([4, 4]);
  });

  it('gives the same as JSON', async () => {
    await corpusInspectCommand(name, { json: true });
    expect(JSON.parse(printed.join(''))).toMatchObject({
      name: 'calls',
      generator: { id: 'speech-longform' },
      items: 8,
      mediaTypes: ['audio/wav'],
      truth: ['tokens'],
      parts: [
        { share: 0.75, count: 6 },
        { share: 0.25, count: 2 },
      ],
      quantities: [{ quantity: 'bytes' }, { quantity: 'audioSeconds', distinct: 8 }],
      firstIds: ['calls/00000', 'calls/00001', 'calls/00002'],
    });
  });
});
