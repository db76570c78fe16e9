import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../model/result.ts';
import { zoomParameters } from '../../model/section.ts';
import { emptyResult } from '../../testing/empty-result.ts';
import { sampleResult } from '../../testing/sample-result.ts';
import { eventLane } from './event-lane.ts';
import { type Layer, plotWidthPx } from './frame.ts';
import { lineChart } from './line-chart.ts';
import { stacked } from './memory-stack.ts';
import { scaleFor } from './scales.ts';
import { canvas, timeChart } from './time-chart.ts';

/** Labels of the axis of time, as they are drawn for the seconds shown. */
async function timeLabels(endS: number, shown: readonly [number, number] = [0, endS]): Promise<readonly string[]> {
  const result: RunResult = {
    ...emptyResult(),
    series: { x: { tMs: [0, endS * 1000], values: [1, 2] } },
    events: [{ tMs: endS * 1000, kind: 'run_end', subject: '', detail: '' }],
  };
  // A run of less than a second is drawn as one.
  const spec = timeChart(result, canvas(result, scaleFor('count', 4), 50), []) as TopLevelSpec;
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  view.signal(zoomParameters.from, shown[0]).signal(zoomParameters.to, shown[1]);
  const svg = await view.toSVG();
  view.finalize();
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)]
    .map((match) => match[1] ?? '')
    .filter((text) => !/^\d$/.test(text));
}

describe('the axis of time', () => {
  it.each([
    { endS: 1, labels: ['0.0 s', '1.0 s'], count: 11, why: 'a second is told in tenths' },
    { endS: 116, labels: ['0 s', '100 s'], count: 6, why: 'two minutes are told in seconds' },
    { endS: 170, labels: ['0:00', '2:40'], count: 9, why: 'a step of 20 s goes on past a minute' },
    { endS: 600, labels: ['0 min', '10 min'], count: 11, why: 'minutes' },
    { endS: 28_800, labels: ['0 h', '8 h'], count: 9, why: 'hours' },
  ])('of $endS s ends with a tick that can be read: $why', async ({ endS, labels, count }) => {
    const drawn = await timeLabels(endS);
    expect([drawn[0], drawn.at(-1)]).toEqual(labels);
    expect(drawn).toHaveLength(count);
  });

  it('takes finer steps for the time that is zoomed to', async () => {
    expect(await timeLabels(600, [300, 310])).toEqual([
      '5:00',
      '5:01',
      '5:02',
      '5:03',
      '5:04',
      '5:05',
      '5:06',
      '5:07',
      '5:08',
      '5:09',
      '5:10',
    ]);
  });
});

interface LaneName {
  t: number;
  y: number;
  text: string;
  isLeft: boolean;
}

function namesOf(layers: readonly Layer[]): readonly LaneName[] {
  const sets = layers.map((layer) => (layer['data'] as { values: readonly LaneName[] }).values);
  return [...new Set(sets.flat().filter((value) => 'text' in value))];
}

describe('names of events', () => {
  const events = (times: readonly number[], kind = 'process_gone'): RunResult['events'] =>
    times.map((tS, index) => ({ tMs: tS * 1000, kind, subject: `worker#${index}`, detail: '' }));
  const laneOf = (all: RunResult['events']): ReturnType<typeof eventLane> => {
    const result = { ...sampleResult(), events: all };
    return eventLane(result, canvas(result, scaleFor('bytes', 1e9), 290));
  };

  it('never overlap, however near their times are', () => {
    const { layers, abovePx } = laneOf(events([10, 12, 14, 16, 18, 20, 22, 24, 100, 104, 108]));
    const boxes = namesOf(layers).map(({ t, y, text, isLeft }) => {
      const at = (t / 115.4) * plotWidthPx;
      const width = text.length * 6.5;
      return { y, from: isLeft ? at - width : at, to: isLeft ? at : at + width };
    });
    expect(boxes.length).toBeGreaterThan(4);
    for (const [index, box] of boxes.entries()) {
      for (const other of boxes.slice(index + 1)) {
        expect(box.y !== other.y || box.to <= other.from || box.from >= other.to).toBe(true);
      }
      expect(-box.y).toBeLessThan(abovePx);
    }
  });

  it('give a kill its place before a process that went', () => {
    const { layers } = laneOf([...events([50, 51.5, 53, 54.5, 56]), ...events([55], 'oom_kill')]);
    expect(namesOf(layers).some(({ text }) => text.startsWith('OOM kill'))).toBe(true);
  });

  it('say how often, where one kind came several times within a second', () => {
    expect(namesOf(laneOf(events([40, 40.2, 40.4])).layers).map(({ text }) => text)).toEqual(['3 × process gone 0:40']);
  });

  it('take no room where nothing happened, and a kill elsewhere on the host is none of the run', () => {
    expect(laneOf([])).toEqual({ layers: [], abovePx: 0 });
    expect(laneOf([{ tMs: 5, kind: 'oom_kill', subject: 'host', detail: '' }]).abovePx).toBe(0);
  });
});

describe('a chart of lines', () => {
  it('names the files that hold its raw data', () => {
    const block = lineChart(sampleResult(), {
      title: 'x',
      caption: 'y',
      quantity: 'rate',
      heightPx: 100,
      lines: [{ name: 'offered', label: 'offered', color: 'var(--ink)', dash: null }],
      raw: 'requests',
    });
    expect(block).toMatchObject({ raw: { runId: sampleResult().runId, files: ['requests.csv'] } });
  });
});

describe('stacked areas', () => {
  it('keep two decimals of small values, so that rates add up', () => {
    const held = (value: number) => ({ holder: 'a', color: 'b', series: { tMs: [0, 1000], values: [value, value] } });
    expect(stacked([held(0.333), held(1.25)]).at(-1)?.points[0]).toEqual({ t: 0, v: 1.58, low: 0.33 });
  });
});
