import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberColumn, TextColumn } from './number-column.ts';

const moreThanAChunk = 5000;

function columnOf(values: readonly number[]): NumberColumn {
  const column = new NumberColumn();
  for (const value of values) {
    column.push(value);
  }
  return column;
}

describe('a column of numbers gives back what was put in', () => {
  it.each([
    { why: 'all the same', value: () => 7 },
    { why: 'all missing', value: () => Number.NaN },
    { why: 'whole numbers that a 32-bit float holds', value: (index: number) => index * 4096 },
    { why: 'whole numbers that it does not hold', value: (index: number) => 2 ** 40 + index },
    { why: 'times with three decimals', value: (index: number) => Math.round(index * 28_800.123) / 1000 + 86_400_000 },
    { why: 'times of which some are missing', value: (index: number) => (index % 3 === 0 ? Number.NaN : index / 1000) },
    { why: 'more decimals than times have', value: (index: number) => index / 7 },
    { why: 'a rise of days within one chunk', value: (index: number) => index * 86_400_000 + 0.001 },
    { why: 'minus zero', value: (index: number) => (index % 2 === 0 ? -0 : 0) },
    { why: 'infinities', value: (index: number) => (index % 2 === 0 ? Number.POSITIVE_INFINITY : 1.5) },
  ])('$why', ({ value }) => {
    const values = Array.from({ length: moreThanAChunk }, (_, index) => value(index));
    const column = columnOf(values);
    expect(column.length).toBe(values.length);
    expect(values.findIndex((one, index) => !Object.is(one, column.at(index)))).toBe(-1);
    expect([...column.toArray()]).toEqual(values);
  });

  it('is so for any numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 1, maxLength: 20 }), (some) => {
        const values = Array.from({ length: moreThanAChunk }, (_, index) => some[index % some.length] ?? 0);
        const column = columnOf(values);
        return values.every((value, index) => Object.is(value, column.at(index)));
      }),
      { numRuns: 30 },
    );
  });
});

it('a column of texts gives back what was put in', () => {
  const column = new TextColumn();
  const texts = Array.from({ length: moreThanAChunk }, (_, index) => `item ${index % 50}`);
  for (const text of texts) {
    column.push(text);
  }
  expect(texts.filter((text, index) => column.at(index) !== text)).toEqual([]);
});
