import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageShape } from './sample.ts';
import { type ShapeBox, shapeBoxesOf } from './shapes.ts';

const rules = { boxes: 24, leastFiles: 3 };
const side = fc.integer({ min: 1, max: 8000 });
const shapes = fc.array(fc.record({ width: side, height: side, bytes: fc.integer({ min: 200, max: 30_000_000 }) }), {
  minLength: 1,
  maxLength: 120,
});

function many(count: number, shape: ImageShape): ImageShape[] {
  return Array.from({ length: count }, () => shape);
}

function contains({ width, height, weighs, weight }: ShapeBox, shape: ImageShape): boolean {
  const bytes = shape.bytes ?? 0;
  const value = weighs === 'bytes' ? bytes : (bytes * 8) / (shape.width * shape.height);
  return [
    [width, shape.width] as const,
    [height, shape.height] as const,
    [weight ?? { from: 0, to: Number.POSITIVE_INFINITY }, value] as const,
  ].every(([{ from, to }, held]) => from <= held && held <= to);
}

describe('shapeBoxesOf', () => {
  it('keeps the exact sides that several files share, the most common ones first', () => {
    const boxes = shapeBoxesOf(
      [...many(10, { width: 640, height: 480, bytes: null }), ...many(20, { width: 1008, height: 756, bytes: null })],
      rules,
    );
    expect(boxes.map(({ width, height, count }) => [width, height, count])).toEqual([
      [{ from: 1008, to: 1008 }, { from: 756, to: 756 }, 20],
      [{ from: 640, to: 640 }, { from: 480, to: 480 }, 10],
    ]);
  });

  it('rounds what only one file has', () => {
    const [box] = shapeBoxesOf([{ width: 1234, height: 567, bytes: 89_123 }], rules);
    expect(box).toMatchObject({ width: { from: 1200, to: 1300 }, height: { from: 560, to: 570 }, count: 1 });
  });

  it('sets the heaviest few apart', () => {
    const usual = Array.from({ length: 97 }, (_, index) => ({
      width: 1000 + index,
      height: 900,
      bytes: 90_000 + index,
    }));
    const heavy = Array.from({ length: 3 }, (_, index) => ({ width: 1050, height: 900, bytes: 2_000_000 + index }));
    const boxes = shapeBoxesOf([...usual, ...heavy], rules);
    expect(boxes.find(({ most }) => most.bytes > 1_000_000)?.count).toBeLessThanOrEqual(5);
  });

  it('never tells small files apart by their weight, which is mostly headers', () => {
    const small = Array.from({ length: 40 }, (_, index) => ({
      width: 64,
      height: 64 + (index % 2),
      bytes: 700 + 50 * index,
    }));
    expect(shapeBoxesOf(small.slice(0, 2), rules)).toHaveLength(1);
    const boxes = shapeBoxesOf(
      small.map((shape, index) => ({ ...shape, width: 64 + index })),
      rules,
    );
    const places = boxes.map(({ width, height }) => JSON.stringify([width, height]));
    expect(new Set(places).size).toBe(boxes.length);
  });

  it('counts every image in a box that contains it, with three in each if there are three alike', () => {
    fc.assert(
      fc.property(shapes, (images) => {
        const boxes = shapeBoxesOf(images, rules);
        expect(boxes.reduce((all, { count }) => all + count, 0)).toBe(images.length);
        expect(images.every((image) => boxes.some((box) => contains(box, image)))).toBe(true);
        expect(boxes.length).toBeLessThanOrEqual(rules.boxes);
      }),
      { numRuns: 60 },
    );
  });

  it('reaches the largest and the heaviest image', () => {
    fc.assert(
      fc.property(shapes, (images) => {
        const boxes = shapeBoxesOf(images, rules);
        const pixels = Math.max(...images.map(({ width, height }) => width * height));
        const bytes = Math.max(...images.map((image) => image.bytes));
        expect(Math.max(...boxes.map(({ width, height }) => width.to * height.to))).toBeGreaterThanOrEqual(pixels);
        expect(Math.max(...boxes.map(({ most }) => most.bytes))).toBe(bytes);
      }),
      { numRuns: 60 },
    );
  });
});
