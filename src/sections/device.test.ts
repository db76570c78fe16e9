import { describe, expect, it } from 'vitest';
import type { ResultSeries } from '../model/result.ts';
import type { Block } from '../model/section.ts';
import { sampleResult } from '../testing/sample-result.ts';
import { device } from './device.ts';

const mebibyte = 1024 ** 2;

function blocksWith(series: Readonly<Record<string, readonly (number | null)[]>>): Block[] {
  const result = sampleResult();
  const all: Record<string, ResultSeries> = { ...result.series };
  for (const [name, values] of Object.entries(series)) {
    all[name] = { tMs: values.map((_, index) => index * 1000), values };
  }
  return [...device.render([{ ...result, series: all }], null)];
}

const chartsOf = (blocks: readonly Block[]) => blocks.filter((block) => block.type === 'chart');

describe('device memory on the page', () => {
  it.each<[Record<string, (number | null)[]>, string | null, string]>([
    [{}, null, 'nobody told who holds it'],
    [{ deviceTree: [null, null] }, null, 'nobody could tell who holds it'],
    [{ deviceTree: [0, 256 * mebibyte] }, "The target's processes held at most 256 MiB.", 'only the target is seen'],
    [
      { deviceTree: [256 * mebibyte], deviceOthers: [0] },
      "The target's processes held at most 256 MiB.",
      'others hold nothing',
    ],
    [
      { deviceTree: [256 * mebibyte], deviceOthers: [128 * mebibyte] },
      "The target's processes held at most 256 MiB, other processes at most 128 MiB.",
      'a neighbour',
    ],
  ])('with %j says %j (%s)', (series, sentence, _why) => {
    const caption = chartsOf(blocksWith(series))[0]?.caption ?? '';
    expect(caption).toContain('virtual VRAM in use');
    expect(/The target's processes.*?MiB\.(?= |$)/.exec(caption)?.[0] ?? null).toBe(sentence);
  });

  it('has a chart of how busy the device was where that was told', () => {
    expect(chartsOf(blocksWith({})).map(({ title }) => title)).toEqual(['Virtual VRAM in use']);
    expect(chartsOf(blocksWith({ deviceBusy: [0, 0.5] })).map(({ title }) => title)).toEqual([
      'Virtual VRAM in use',
      'Device busy',
    ]);
  });
});
