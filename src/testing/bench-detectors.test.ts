import { describe, expect, it } from 'vitest';
import { measurePrediction } from './bench-detectors/prediction.ts';
import { shapes } from './bench-detectors/shapes.ts';
import { measureShape } from './bench-detectors/simulate.ts';

const rounds = 8;
const series = 40;

describe('detectors of growth, over simulated runs', () => {
  it.each([
    { name: 'flat, AR(1) .5 of 5 MiB', atMost: 0, why: 'noise that remembers itself is no trend' },
    { name: "a collector's sawtooth of 60 MiB", atMost: 0, why: 'a median over whole periods rests' },
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
