import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CsvAppender } from './append-csv.ts';
import { headerOf, readTable } from './read-table.ts';

let scratch: string;
let path: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-table-'));
  path = join(scratch, 'x.csv');
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

async function rowsOf(columns: readonly string[]): Promise<{ rows: string[][]; tornBytes: number }> {
  const rows: string[][] = [];
  const { tornBytes } = await readTable(path, columns, (fields) => rows.push([...fields]));
  return { rows, tornBytes };
}

async function throughTheTable(text: string): Promise<string | undefined> {
  rmSync(path, { force: true });
  const csv = new CsvAppender(path, ['text', 'n']);
  csv.append([text, 1]);
  csv.close();
  return (await rowsOf(['text', 'n'])).rows[0]?.[0];
}

describe('a table that was written is read back unharmed', () => {
  it.each([
    { why: 'a formula', text: "=cmd|' /C calc'!A0" },
    { why: 'the other beginnings of a formula', text: '+1' },
    { why: 'a text that looks like a negative number', text: '-1' },
    { why: 'a call', text: '@SUM(1)' },
    { why: 'a full-width formula', text: '＝1+1' },
    { why: 'a tab first', text: '\t=1' },
    { why: 'HTML', text: '<script>alert("1")</script>' },
    { why: 'control characters', text: 'a\u0000b\u001b[31mred\u0007\b' },
    { why: 'line ends of both kinds', text: 'a\r\nb\rc\n' },
    { why: 'a comma and quotes', text: 'say "no", then' },
    { why: 'a header of a megabyte', text: `x${'é'.repeat(500_000)}"` },
    { why: 'an apostrophe that hides nothing', text: "'tis" },
  ])('$why', async ({ text }) => {
    expect(await throughTheTable(text)).toBe(text);
  });

  it('is so for any text but one that itself begins as a hidden formula', async () => {
    const hidden = /^'[=+\-@\t\r＝＋－＠]/;
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }).filter((text) => !hidden.test(text)),
        async (text) => (await throughTheTable(text)) === text,
      ),
      { numRuns: 60 },
    );
  });
});

describe('a table that is not whole', () => {
  it.each([
    { why: 'a torn number', text: 'a,b\n1,2\n3,', rows: [['1', '2']], tornBytes: 2 },
    { why: 'a line end inside of torn quotes', text: 'a,b\n1,2\n3,"x\ny', rows: [['1', '2']], tornBytes: 6 },
    { why: 'whole quotes with a line end', text: 'a,b\n1,"x\ny"\n', rows: [['1', 'x\ny']], tornBytes: 0 },
    { why: 'nothing but a torn header', text: 'a,', rows: [], tornBytes: 2 },
    { why: 'an empty file', text: '', rows: [], tornBytes: 0 },
    { why: 'columns of a newer minor schema', text: 'new,b,a\n9,2,1\n', rows: [['1', '2']], tornBytes: 0 },
  ])('is read as far as it is whole: $why', async ({ text, rows, tornBytes }) => {
    writeFileSync(path, text);
    expect(await rowsOf(['a', 'b'])).toEqual({ rows, tornBytes });
  });

  it('is read at any byte at which its writer was killed', async () => {
    const csv = new CsvAppender(path, ['a', 'b']);
    const written = [
      ['1', 'plain'],
      ['2', 'two\nlines, "quoted"'],
      ['3', '=formula'],
    ];
    written.forEach((row) => {
      csv.append(row);
    });
    csv.close();
    const whole = readFileSync(path);
    for (let length = 0; length <= whole.length; length += 1) {
      writeFileSync(path, whole.subarray(0, length));
      const { rows } = await rowsOf(['a', 'b']);
      expect(rows).toEqual(written.slice(0, rows.length));
    }
  });

  it.each([
    { why: 'a comma became another byte', text: 'a,b\n1;2\n', message: 'is no whole table' },
    { why: 'a quote stands inside of a field', text: 'a,b\n1,x"y"\n', message: 'is no whole table' },
    { why: 'a column is missing', text: 'a\n1\n', message: 'it lacks b' },
  ])('is refused in one sentence: $why', async ({ text, message }) => {
    writeFileSync(path, text);
    await expect(rowsOf(['a', 'b'])).rejects.toMatchObject({
      code: 'RESULT_UNREADABLE',
      message: expect.stringContaining(message) as string,
    });
  });

  it('is told by its name where it is not there', async () => {
    await expect(rowsOf(['a'])).rejects.toMatchObject({ code: 'RESULT_UNREADABLE', message: `${path} is missing.` });
  });

  it('has no columns before its header is whole', () => {
    writeFileSync(path, 'a,b');
    expect(headerOf(path)).toEqual([]);
    writeFileSync(path, 'a,b\n1');
    expect(headerOf(path)).toEqual(['a', 'b']);
  });
});
