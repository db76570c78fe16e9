import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BenchError } from '../base/errors.ts';
import { manifest } from '../testing/build-manifest.ts';
import { damaged } from '../testing/damaged.ts';
import { requestColumns } from './columns.ts';
import { csvLine } from './csv-line.ts';
import { readRun } from './read-run.ts';
import { readTable } from './read-table.ts';
import { createRunFolder, readManifest, readResult } from './run-folder.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-torn-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const row = requestColumns.map((_name, at) => String(at)).join(',');
const table = `${requestColumns.join(',')}\n${row}\n${row.replace('1,', '"a ""b"", c\nd",')}\n`;

async function refusalOf(read: () => unknown): Promise<unknown> {
  try {
    await read();
    return null;
  } catch (error: unknown) {
    return error;
  }
}

describe('a table', () => {
  it('that is damaged gives rows of its columns, or is refused', async () => {
    const path = join(scratch, 'x.csv');
    await fc.assert(
      fc.asyncProperty(damaged(table, ''), async (text) => {
        writeFileSync(path, text);
        const widths = new Set<number>();
        const refusal = await refusalOf(() => readTable(path, requestColumns, (fields) => widths.add(fields.length)));
        expect(refusal === null || refusal instanceof BenchError).toBe(true);
        expect([...widths].every((width) => width === requestColumns.length)).toBe(true);
      }),
    );
  });

  it('that is cut anywhere gives the rows before the cut, each whole', async () => {
    const path = join(scratch, 'x.csv');
    const field = fc.oneof(fc.constantFrom('two\nlines', '"quoted"', 'a,b', ''), fc.string({ maxLength: 5 }));
    const rows = fc.array(fc.tuple(field, field, field), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rows, fc.double({ min: 0, max: 1, noNaN: true }), async (written, share) => {
        const lines = ['a,b,c\n', ...written.map(csvLine)].map((line) => Buffer.from(line));
        const length = Math.floor(share * lines.reduce((sum, line) => sum + line.length, 0));
        writeFileSync(path, Buffer.concat(lines).subarray(0, length));
        const read: (readonly string[])[] = [];
        await readTable(path, ['a', 'b', 'c'], (fields) => read.push(fields));
        let left = length;
        const whole = lines.filter((line) => {
          left -= line.length;
          return left >= 0;
        });
        expect(read.length).toBe(Math.max(0, whole.length - 1));
      }),
    );
  });
});

describe('a manifest and a result', () => {
  it('that are damaged are read as an object, or refused', async () => {
    const folder = createRunFolder(scratch, 'a-run');
    const whole = JSON.stringify(manifest());
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), damaged(whole, '', '{"schemaVersion":1}')), async (text) => {
        writeFileSync(folder.manifest, text);
        writeFileSync(folder.result, text);
        for (const read of [() => readManifest(folder), () => readResult(folder), () => readRun(folder)]) {
          const refusal = await refusalOf(read);
          expect(refusal === null || refusal instanceof BenchError).toBe(true);
        }
      }),
    );
  });
});
