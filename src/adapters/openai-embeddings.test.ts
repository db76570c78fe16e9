import { describe, expect, it } from 'vitest';
import type { ReplyView } from '../model/adapter.ts';
import { bodyOf, itemOf, knowing, replyOf, unknowing } from './answers/reply.fixture.ts';
import { openaiEmbeddings } from './openai-embeddings.ts';

const text = itemOf('A "quoted" text.');
const numbers = [0.25, -0.5, 0.125, 1];

function base64(of: readonly number[]): string {
  const bytes = Buffer.alloc(of.length * 4);
  for (const [index, number] of of.entries()) {
    bytes.writeFloatLE(number, index * 4);
  }
  return bytes.toString('base64');
}

function embedded(embedding: unknown): ReplyView {
  return replyOf({ object: 'list', data: [{ object: 'embedding', index: 0, embedding }], model: 'm' });
}

function digest(embedding: unknown): string | null {
  return openaiEmbeddings.judge(embedded(embedding), text, unknowing).answerDigest;
}

it('sends the model and the text', () => {
  const wire = openaiEmbeddings.request(text, knowing);
  expect(wire.path).toBe('/v1/embeddings');
  expect(JSON.parse(bodyOf(wire).toString())).toEqual({ model: 'tiny "1"', input: 'A "quoted" text.' });
});

describe('an embedding', () => {
  it.each([
    ['numbers', numbers],
    ['32-bit floats in base64', base64(numbers)],
    ['base64 without its padding', base64(numbers).replaceAll('=', '')],
    ['one number', [0.1]],
    ['whole numbers, as a quantised model gives', [12, -127, 3]],
  ])('is ok as %s', (_, embedding) => {
    const check = openaiEmbeddings.judge(embedded(embedding), text, unknowing);
    expect(check).toMatchObject({ ok: true, check: 'consistency' });
    expect(check.answerDigest).toMatch(/^[0-9a-f]{16}$/);
  });

  it('has the same digest in both forms, and after the rounding of another batch', () => {
    expect(digest(base64(numbers))).toBe(digest(numbers));
    expect(digest(numbers.map((number) => number * 1.000_001))).toBe(digest(numbers));
    expect(digest([0.25, -0.5, 0.13, 1])).not.toBe(digest(numbers));
    expect(digest([...numbers, 0.1])).not.toBe(digest(numbers));
  });

  it.each([
    ['it has no numbers', embedded([]), 'empty_answer'],
    ['its base64 is empty', embedded(''), 'empty_answer'],
    ['its base64 ends within a float', embedded('AAAA'), 'no_embedding'],
    ['it is another text', embedded('none'.repeat(3).concat('!!!')), 'no_embedding'],
    ['a number is null, as some write what is not a number', embedded([0.1, null]), 'not_finite'],
    ['a number in base64 is not a number', embedded(base64([0.1, Number.NaN])), 'not_finite'],
    ['a number is infinite', embedded(base64([Number.POSITIVE_INFINITY])), 'not_finite'],
    ['all are zero', embedded([0, 0, 0]), 'zero_embedding'],
    ['it is missing', embedded(undefined), 'no_embedding'],
    ['there is none', replyOf({ object: 'list', data: [] }), 'empty_answer'],
    ['there are two for one text', replyOf({ data: [{ embedding: [1] }, { embedding: [1] }] }), 'wrong_count'],
    ['NaN stands in its JSON', replyOf('{"data":[{"embedding":[NaN]}]}'), 'not_json'],
    ['there is no list', replyOf({ detail: 'Not Found' }), 'no_embedding'],
  ])('is no answer if %s', (_, view, code) => {
    expect(openaiEmbeddings.judge(view, text, unknowing)).toMatchObject({ ok: false, code });
  });
});
