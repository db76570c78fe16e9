import { describe, expect, it } from 'vitest';
import { comparisonLines, joinBlocks, partLines, tableLines, unusableLines } from './corpus-comparison.ts';

describe('what fit and import print', () => {
  it('is a table with totals over a histogram with a column each, at most 80 wide', () => {
    const lines = comparisonLines({
      title: 'length',
      unit: 'seconds',
      columns: [
        { name: 'source', values: [1, 2, 3, 90] },
        { name: 'recipe', values: [1.5, 2.5, 3.5] },
      ],
    });
    expect(lines.slice(0, 7)).toEqual([
      'length      source  recipe',
      'items            4       3',
      'least        1.0 s   1.5 s',
      'median       2.0 s   2.5 s',
      'mean        24.0 s   2.5 s',
      'most    1 min 30 s   3.5 s',
      'total   1 min 36 s   7.5 s',
    ]);
    expect(lines).toContain('length');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it.each([
    { why: 'one value has no shape to draw', values: [30, 30, 30] },
    { why: 'neither have values that are nearly the same', values: [30, 30.5] },
  ])('is the table alone: $why', ({ values }) => {
    expect(comparisonLines({ title: 'length', unit: 'seconds', columns: [{ name: 'files', values }] })).toHaveLength(7);
  });

  it('counts the pixels of small images one by one', () => {
    const lines = comparisonLines({ title: 'pixels', unit: 'pixels', columns: [{ name: 'x', values: [4096, 2e6] }] });
    expect(lines[2]).toBe('least   4,096 px');
    expect(lines[5]).toBe('most        2 MP');
  });

  it.each([
    { why: 'the same', recipeCount: 4, outside: 0, verdict: 'Every part agrees within one item.' },
    { why: 'one off', recipeCount: 5, outside: 0, verdict: 'Every part agrees within one item.' },
    { why: 'two off', recipeCount: 2, outside: 0, verdict: /differ by up to 2 items/ },
    { why: 'items in no part', recipeCount: 4, outside: 3, verdict: /differ by up to 3 items/ },
  ])('says whether the parts agree: $why', ({ recipeCount, outside, verdict }) => {
    const lines = partLines([{ label: '1 s – 2 s', sourceCount: 4, wantedCount: 4, recipeCount }], outside);
    expect(lines[0]).toBe('part       source  recipe  difference');
    expect(lines[2]).toMatch(verdict);
  });

  it('shows the wanted number where the recipe has another count than the source', () => {
    const lines = partLines([{ label: 'all', sourceCount: 3, wantedCount: 4.5, recipeCount: 5 }], 0);
    expect(lines.slice(0, 2)).toEqual([
      'part  source  wanted  recipe  difference',
      'all        3     4.5       5         0.5',
    ]);
  });

  it('lists the first ten files that were left out, then how many more', () => {
    const unusable = Array.from({ length: 13 }, (_, index) => ({
      file: `${index}.mp3`,
      reason: 'the file is an MP3 file.',
    }));
    const lines = unusableLines(unusable);
    expect([lines.length, lines[0], lines[1], lines.at(-1)]).toEqual([
      12,
      '13 files were left out:',
      '  0.mp3: the file is an MP3 file.',
      '  and 3 more',
    ]);
    expect(unusableLines([])).toEqual([]);
  });

  it('leaves one empty line between blocks and none for an empty one', () => {
    expect(joinBlocks([['a', 'b'], [], ['c']])).toBe('a\nb\n\nc');
    expect(
      tableLines([
        ['a', '1'],
        ['bb', '22'],
      ]),
    ).toEqual(['a    1', 'bb  22']);
  });
});
