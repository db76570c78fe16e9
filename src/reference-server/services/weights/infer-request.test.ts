import { describe, expect, it } from 'vitest';
import { parseInferRequest } from './infer-request.ts';
import { estimatedTokens, predictionsFor } from './predictions.ts';

describe('the body of a call', () => {
  it('has defaults for all but the prompt', () => {
    expect(parseInferRequest('{"prompt":"Once"}')).toEqual({ prompt: 'Once', top: 5, mode: 'dense' });
  });

  it.each([
    ['no JSON', '{', 'invalid_json'],
    ['a list', '[]', 'invalid_json'],
    ['no prompt', '{}', 'empty_prompt'],
    ['an empty prompt', '{"prompt":" \\n"}', 'empty_prompt'],
    ['a prompt that is no text', '{"prompt":1}', 'empty_prompt'],
    ['no predictions at all', '{"prompt":"a","top":0}', 'invalid_top'],
    ['half a prediction', '{"prompt":"a","top":1.5}', 'invalid_top'],
    ['a mode that is not known', '{"prompt":"a","mode":"run"}', 'unknown_mode'],
  ])('is refused with %s', (_reason, body, code) => {
    expect(() => parseInferRequest(body)).toThrow(expect.objectContaining({ status: 400, code }));
  });
});

describe('the predictions', () => {
  it('begin with the code word that the prompt tells', () => {
    const prompt = 'gold fish. The code word is lamp-tree-moon. pond. What is the code word? The code word is';
    expect(predictionsFor(prompt, 3)[0]).toEqual({ token: 'lamp-tree-moon', probability: 0.5 });
  });

  it('are as many as asked for, all different, the same each time, and no more likely than one together', () => {
    const predictions = predictionsFor('Once upon a time', 20);
    expect(new Set(predictions.map(({ token }) => token)).size).toBe(20);
    expect(predictions).toEqual(predictionsFor('Once upon a time', 20));
    expect(predictions).not.toEqual(predictionsFor('Once upon a day', 20));
    expect(predictions.reduce((sum, { probability }) => sum + probability, 0)).toBeLessThanOrEqual(1);
  });

  it('cost by the words of the prompt', () => {
    expect(estimatedTokens(' two  words\n')).toBe(2);
  });
});
