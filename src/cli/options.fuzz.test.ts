import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BenchError } from '../base/errors.ts';
import { formatListedFile, parseFileList } from '../model/file-list.ts';
import { damaged } from '../testing/damaged.ts';
import { parseByteRange } from './commands/corpus.ts';
import { parseItems } from './commands/corpus-open.ts';
import { readGateConstants } from './commands/gate-constants.ts';
import { parseConfig } from './config-file.ts';
import * as option from './option-values.ts';
import { createProgram } from './program.ts';
import { parseTarget } from './target-option.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-options-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What it gives, or null where it was refused in one line. */
function givenBy<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (error: unknown) {
    expect(error).toBeInstanceOf(BenchError);
    return null;
  }
}

const any = (...texts: readonly string[]): fc.Arbitrary<string> => fc.oneof(fc.string(), damaged(...texts));

describe('the value of an option', () => {
  it.each([
    ['size', option.size, '704MiB'],
    ['duration', option.duration, '250ms'],
    ['positive', option.positive, '0.1'],
    ['wholeNumber', option.wholeNumber, '7'],
    ['repeatCount', option.repeatCount, '3'],
    ['guard', (text: string) => option.guardRatioOf(option.guard(text)) ?? 1, '90%'],
  ] as const)('of %s is a finite number that is not below 0, or refused', (_name, parse, whole) => {
    fc.assert(
      fc.property(any(whole, '1e999', '0x10', '-1', '0.0000001B'), (text) => {
        const value = givenBy(() => parse(text));
        expect(value === null || (Number.isFinite(value) && value >= 0)).toBe(true);
      }),
    );
  });

  it('of a target, an address, a path and a run id is what its type says, or refused', () => {
    fc.assert(
      fc.property(any('http://127.0.0.1:8000/a', 'reference:ungated-pool+quota', '../x', '/health'), (text) => {
        const target = givenBy(() => parseTarget(text));
        expect(target?.kind !== 'url' || /^https?:$/.test(target.url.protocol)).toBe(true);
        givenBy(() => option.address(text));
        expect(givenBy(() => option.urlPath(text))?.startsWith('/') ?? true).toBe(true);
        expect(givenBy(() => option.folderName(text)) ?? 'a').not.toMatch(/[/\\]|^\.|\n/);
      }),
    );
  });

  it('that chooses items or bytes stays within what there is', () => {
    fc.assert(
      fc.property(any('0-99', '3,5,9', '0-1024', '7'), fc.nat({ max: 200 }), (text, count) => {
        const items = givenBy(() => parseItems(text, count)) ?? [];
        expect(items.filter((index) => !(Number.isInteger(index) && index >= 0 && index < count))).toEqual([]);
        const range = givenBy(() => parseByteRange(text, count));
        expect(range === null || (range.start >= 0 && range.start <= range.end && range.end <= count)).toBe(true);
      }),
    );
  });
});

describe('a file that an option names', () => {
  it('as bench.yaml that is damaged is read, or refused with its place', () => {
    const program = createProgram(() => undefined);
    const text = 'profile: image-burst\ntarget: http://127.0.0.1:8000\nrun:\n  repeat: 3\nheader: [a, b]\n';
    fc.assert(
      fc.property(damaged(text, ''), (source) => {
        givenBy(() => parseConfig(source, 'bench.yaml', program));
      }),
      { numRuns: 40 },
    );
  });

  it('as gates.json that is damaged is read, or refused', () => {
    const path = join(folder, 'gates.json');
    const whole = readFileSync(new URL('../../profiles/gates.json', import.meta.url), 'utf8');
    fc.assert(
      fc.property(fc.oneof(fc.json(), damaged(whole)), (text) => {
        writeFileSync(path, text);
        const numbers = Object.values(givenBy(() => readGateConstants(path))?.repeats ?? {});
        expect(numbers.filter((value) => !(Number.isFinite(value) && value >= 0))).toEqual([]);
      }),
    );
  });

  it('as a list of files is read back, and refused where it leads out of its folder', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !/[/\\]|^\.{1,2}$/.test(text));
    const listed = fc.record({
      file: fc.array(name, { minLength: 1, maxLength: 3 }).map((steps) => steps.join('/')),
      bytes: fc.integer({ min: 1 }),
      sha256: fc.constant('a'.repeat(64)),
      mediaType: fc.constant('audio/wav' as const),
      traits: fc.constant({ audioSeconds: 2 }),
      text: fc.option(fc.string({ minLength: 1 })),
    });
    fc.assert(
      fc.property(fc.array(listed, { maxLength: 4 }), (files) => {
        expect(parseFileList(files.map(formatListedFile).join('\n'), 'x.jsonl')).toEqual(files);
      }),
    );
    const whole = `{"file":"a/b.wav","bytes":9,"sha256":"${'a'.repeat(64)}","mediaType":"audio/wav","traits":{}}`;
    fc.assert(
      fc.property(any(whole, whole.replace('a/b', '../b')), (text) => {
        const files = givenBy(() => parseFileList(text, 'x.jsonl')) ?? [];
        expect(files.filter(({ file }) => file.split('/').includes('..'))).toEqual([]);
      }),
    );
  });
});
