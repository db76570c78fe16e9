import { describe, expect, it } from 'vitest';
import { BenchError } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import { imagePng } from './image-png.ts';

const place = 'corpora/x.yaml:6:1 params';

describe('parameters', () => {
  const shape = { width: 100, height: 50, share: 1 };
  it.each([
    {
      why: 'a size that the pixels do not fit in',
      params: { shapes: [{ ...shape, bytes: 15_000 }] },
      says: 'params.shapes.0.bytes: a PNG of 100 x 50 pixels has at least 15,134 bytes, not 15,000.',
      hint: 'bytes: 15134',
    },
    { why: 'no pixels', params: { shapes: [{ ...shape, width: 0 }] }, says: 'params.shapes.0.width:', hint: 'README' },
    {
      why: 'too long a side',
      params: { shapes: [{ ...shape, height: 65_536 }] },
      says: 'params.shapes.0.height:',
      hint: 'README',
    },
    {
      why: 'half a pixel',
      params: { shapes: [{ ...shape, width: 1.5 }] },
      says: 'params.shapes.0.width:',
      hint: 'README',
    },
    {
      why: 'shares that do not add up to 1',
      params: { shapes: [{ ...shape, share: 0.5 }] },
      says: 'params.shapes: the shares add up to 0.5, not 1.',
      hint: 'exactly 1',
    },
    {
      why: 'counts that are not all items',
      params: { shapes: [{ width: 1, height: 1, count: 3 }] },
      says: 'params.shapes: the counts add up to 3, but the corpus has 8 items.',
      hint: 'count: 3',
    },
    {
      why: 'an unknown key',
      params: { shapes: [{ ...shape, widht: 3 }] },
      says: 'params.shapes.0: there is no parameter "widht".',
      hint: 'Did you mean "width"?',
    },
    { why: 'no shapes', params: { shapes: [] }, says: 'params.shapes:', hint: 'README' },
    { why: 'nothing', params: null, says: 'params:', hint: 'README' },
  ])('with $why are refused, with place and next step', ({ params, says, hint }) => {
    let refusal: unknown = null;
    try {
      imagePng.items(params, { name: 'x', count: 8, random: createRandom('test'), place, folder: '.' });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(BenchError);
    expect(refusal).toMatchObject({ code: 'RECIPE_INVALID' });
    expect(String(refusal)).toContain(`corpora/x.yaml:6:1 ${says}`);
    expect((refusal as BenchError).hint).toContain(hint);
  });
});
