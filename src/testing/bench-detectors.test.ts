import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultSeries, lengths, pageHead, statisticsPath } from './bench-detectors/page.ts';
import { measurePrediction } from './bench-detectors/prediction.ts';
import { shapes } from './bench-detectors/shapes.ts';
import { measureSilence, silentShapes } from './bench-detectors/silence.ts';
import { measureShape } from './bench-detectors/simulate.ts';

const rounds = 8;
const series = 40;

describe('detectors of growth, over simulated runs', () => {
  it.each([
    { name: 'flat, AR(1) .5 of 5 MiB', atMost: 0, why: 'noise that remembers itself is no trend' },
    { name: "a collector's sawtooth of 60 MiB", atMost: 0, why: 'a median over whole periods rests' },
    {
      name: "a collector's slow sawtooth of 60 MiB, 10 to 60 s",
      atMost: 0,
      why: 'floors at any height of a tooth are no trend',
    },
    { name: 'page cache of 50 MiB more a round', atMost: 0, why: 'the kernel can drop it' },
    { name: 'warm-up as long as the rounds', atMost: 0.05, why: 'fresh rounds rise by a third' },
  ])('fail at most $atMost of the runs of $name, as $why', ({ name, atMost }) => {
    const shape = shapes.find((one) => one.name === name);
    const result = shape === undefined ? null : measureShape(shape, rounds, series);
    expect(result?.runs).toBe(series);
    expect(result?.failed).toBeLessThanOrEqual(atMost * series);
  });

  it('find nine of ten leaks of 2 % a round', () => {
    const shape = shapes.find(({ name }) => name === 'leak of 2 % a round');
    const result = shape === undefined ? null : measureShape(shape, rounds, series);
    expect(result?.seen).toBeGreaterThanOrEqual(0.9 * series);
  });

  it('give the same counts again', () => {
    const [first] = shapes;
    const once = (): unknown => (first === undefined ? null : measureShape(first, rounds, 5));
    expect(once()).toEqual(once());
  });
});

describe('the time to the limit, asked at half of the way', () => {
  it.each([0, 0.5, 0.8])('is within 15 % for nine of ten ramps with noise that remembers %s of itself', (memory) => {
    const { withinRatio, coveredRatio } = measurePrediction(memory, 100);
    expect(withinRatio).toBeGreaterThanOrEqual(0.9);
    expect(coveredRatio).toBeGreaterThanOrEqual(0.88);
  });
});

describe('growth without load, over simulated silences', () => {
  it.each(silentShapes.filter(({ goal }) => goal !== null && 'atMost' in goal))('is never told of $name', (shape) => {
    expect(measureSilence(shape, 20).failed).toBe(0);
  });

  it.each(silentShapes.filter(({ goal }) => goal !== null && 'atLeast' in goal))('is always told of $name', (shape) => {
    expect(measureSilence(shape, 20).seen).toBe(20);
  });
});

describe('the page of statistics', () => {
  const page = readFileSync(statisticsPath, 'utf8');

  it('was made with the constants, detectors and series of now', () => {
    expect(page.startsWith(pageHead(defaultSeries)), 'Run npm run bench:detectors -- --write.').toBe(true);
  });

  it.each([...shapes, ...silentShapes])('has its rows of $name', (shape) => {
    const rows = page.split('\n').filter((line) => line.startsWith(`| ${shape.name} |`));
    expect(rows).toHaveLength('isLeak' in shape ? lengths.length : 1);
  });

  it('shows no goal that is missed', () => {
    expect(page).not.toContain('not met');
  });
});
