import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvValue, csvLine, stringifiedLine } from './csv-line.ts';

/** Characters that CSV or a spreadsheet gives a meaning, and others. */
const character = fc.constantFrom(...'ab é,;"\'\r\n\t=+-@|\uFEFF\uFF1D\uFF0B\uFF0D\uFF20');
const value: fc.Arbitrary<CsvValue> = fc.oneof(
  fc.string({ unit: character, maxLength: 6 }),
  fc.string(),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const rows = fc.array(value, { minLength: 1, maxLength: 8 });

describe('a line of CSV', () => {
  it('is what csv-stringify writes, whatever the row', () => {
    const isSame = fc.property(rows, (row) => {
      expect(csvLine(row)).toBe(stringifiedLine(row));
    });
    fc.assert(isSame, { numRuns: 2000 });
  });

  it('has the number that is nearest in thousandths', () => {
    const times = fc.oneof(
      fc.double({ min: -2e12, max: 2e12, noNaN: true }),
      fc.double({ min: 0, max: 2, noNaN: true }),
    );
    const isNearest = fc.property(times, (number) => {
      expect(csvLine([number])).toBe(`${String(Math.round(number * 1000) / 1000)}\n`);
    });
    fc.assert(isNearest, { numRuns: 2000 });
  });

  it('has as many fields as the row, however it is quoted', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 8 }), (row) => {
        const read: string[][] = parse(csvLine(row), { bom: false });
        expect(read.map((fields) => fields.length)).toEqual([row.length]);
      }),
    );
  });

  it.each<[string, CsvValue[], string]>([
    ['whole numbers whole', [3_000_001, 0, -5], '3000001,0,-5\n'],
    ['others with at most three decimals', [1234.5678, 0.5, -1.23456], '1234.568,0.5,-1.235\n'],
    ['what rounds up to a whole one', [0.9996, 59_999.9999, -0.0004, 0.0004], '1,60000,0,0\n'],
    ['numbers beyond a double of milliseconds as Node does', [1e21, 1.5e300], '1e+21,1.5e+300\n'],
    ['what is missing as nothing', [null, Number.NaN, ''], ',,\n'],
    ['a first field that is empty with its comma', [null, 1], ',1\n'],
    ['false as a word', [false, true], 'false,true\n'],
    [
      'a text with a comma, a quote or a line end in quotes',
      ['a,b', 'a"b', 'a\nb', 'a\rb'],
      '"a,b","a""b","a\nb","a\rb"\n',
    ],
    ['a text that a spreadsheet would run as a text', ['=1+1', '+1', '-1', '@a'], "'=1+1,'+1,'-1,'@a\n"],
    ['such a sign further on as it is', ['a=1', '1-2', 'a@b'], 'a=1,1-2,a@b\n'],
  ])('has %s', (_, row, line) => {
    expect(csvLine(row)).toBe(line);
  });
});
