import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BenchError } from '../../base/errors.ts';
import { damaged } from '../../testing/damaged.ts';
import { isAccessLog, jsonFields, plainFields } from './log.ts';
import type { Sample } from './sample.ts';
import { measureSource } from './source.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-logs-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const line =
  '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "POST /v1/audio HTTP/1.1" 200 512 "-" "python/3 1" 70001 0.1 [up] [] 10.1.1.1:80';
const json = '{"request":{"method":"POST"},"bytes_read":"900","duration":0.5,"size":3}';
const files = [
  'name,bytes\na,4096\n"b, c",12\n',
  'seconds\n1.5\n2.5\n',
  'width\theight\tbytes\n640\t480\t9000\n',
  'tokens\n100\n',
  `${line}\n${line.replace('POST', 'GET')}\n`,
  `${json}\n{"msg":"hello"}\n`,
];

const numbersOf = (sample: Sample): readonly number[] => {
  switch (sample.kind) {
    case 'images':
      return sample.shapes.flatMap(({ width, height, bytes }) => [width, height, bytes ?? 1]);
    case 'text':
      return sample.tokens;
    case 'audio':
      return [...sample.values, sample.sampleRate ?? 1];
  }
};

describe('a log or a table of sizes that is damaged', () => {
  it.each(['sizes.csv', 'access.log'])('gives numbers above 0 or is refused with its name: %s', async (name) => {
    const path = join(folder, name);
    await fc.assert(
      fc.asyncProperty(damaged(...files, ''), async (text) => {
        writeFileSync(path, text);
        try {
          const { sample } = await measureSource(path, { column: null, kind: null });
          expect(numbersOf(sample).filter((value) => !(value > 0 && Number.isFinite(value)))).toEqual([]);
        } catch (error: unknown) {
          expect(error).toBeInstanceOf(BenchError);
          expect((error as BenchError).message).toContain(name);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has lines whose fields are texts, or that are of another form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), damaged(line, json, '')), (text) => {
        for (const found of [plainFields(text), jsonFields(text)]) {
          expect(Object.values(found?.fields ?? {}).every((value) => typeof value === 'string')).toBe(true);
        }
      }),
    );
  });

  it.each([
    ['opening brackets', `a a ${'['.repeat(200_000)}`],
    ['times', `a a ${'[x] "'.repeat(40_000)}`],
    ['escaped quotes', `a a [x] "${'\\"'.repeat(100_000)}`],
    ['blanks', `a a${' '.repeat(200_000)}`],
    ['objects in one another', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ])('is read in time where a client wrote a line of many %s', (_what, text) => {
    const startedMs = performance.now();
    isAccessLog(text);
    plainFields(text);
    jsonFields(text);
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });
});
