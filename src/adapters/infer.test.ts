import { describe, expect, it } from 'vitest';
import type { AdapterOptions, ReplyView } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { bodyOf, itemOf, knowing, replyOf, unknowing } from './answers/reply.fixture.ts';
import { infer } from './infer.ts';

const answer = 'lamp-tree-moon';
const text = 'gold fish pond. The code word is lamp-tree-moon. What is the code word? The code word is';
const prompt = itemOf(text, { truth: { answer } });
const foreign = itemOf('Once "upon" a time', { content: 'import' });

const likely = [
  { token: ' lamp', probability: 0.91 },
  { token: ' the', probability: 0.04 },
  { token: ' a', probability: 0 },
];

function predicted(predictions: unknown, parts: Record<string, unknown> = {}): ReplyView {
  return replyOf({ prompt: text, predictions, mode: 'dense', latency_ms: 12.5, ...parts });
}

describe('a request for the next tokens', () => {
  it('holds the prompt, how many tokens and the mode', () => {
    const wire = infer.request(foreign, knowing);
    expect(wire).toMatchObject({ method: 'POST', path: '/v1/infer' });
    expect(JSON.parse(bodyOf(wire).toString())).toEqual({ prompt: 'Once "upon" a time', top: 5, mode: 'dense' });
  });

  it('goes to the path that was given', () => {
    expect(infer.request(prompt, { ...knowing, path: '/v1/gemma/infer' }).path).toBe('/v1/gemma/infer');
  });
});

describe('a reply with the next tokens', () => {
  const echo = [{ token: answer, probability: 1 }];
  const good: readonly [string, ReplyView, CorpusItem, AdapterOptions, string][] = [
    ['some predictions', predicted(likely), prompt, unknowing, 'consistency'],
    ['one prediction', predicted([{ token: '', probability: 1 }]), prompt, unknowing, 'consistency'],
    ['no probabilities', predicted([{ token: 'a' }]), prompt, unknowing, 'consistency'],
    ['no prompt', predicted(likely, { prompt: undefined }), prompt, unknowing, 'consistency'],
    ['a prompt in a template', predicted(likely, { prompt: `<s>${text}` }), prompt, unknowing, 'consistency'],
    ['the code word from a target that knows it', predicted(echo), prompt, knowing, 'answer'],
    ['another prompt for an imported text', predicted(likely), foreign, unknowing, 'consistency'],
    ['any tokens for an imported text', predicted(likely), foreign, knowing, 'consistency'],
  ];
  it.each(good)('is ok with %s', (_, view, item, options, check) => {
    expect(infer.judge(view, item, options)).toMatchObject({ ok: true, check });
  });

  const bad: readonly [string, ReplyView, AdapterOptions, string][] = [
    ['there are no predictions', predicted([]), unknowing, 'empty_answer'],
    ['the field is missing', predicted(undefined), unknowing, 'no_predictions'],
    ['the field is no list', predicted({ token: 'a' }), unknowing, 'no_predictions'],
    ['a token is missing', predicted([likely[0], { probability: 0.1 }]), unknowing, 'no_token'],
    ['a prediction is null', predicted([null]), unknowing, 'no_token'],
    ['a probability is not a number', predicted([{ token: 'a', probability: null }]), unknowing, 'not_a_probability'],
    ['a probability is above one', predicted([{ token: 'a', probability: 3 }]), unknowing, 'not_a_probability'],
    ['it repeats another prompt', predicted(likely, { prompt: 'gold coin pond.' }), unknowing, 'wrong_answer'],
    ['a target that knows the code word says another', predicted(likely), knowing, 'wrong_answer'],
    ['an error hides in it', predicted(likely, { error: 'weights missing' }), unknowing, 'error_in_reply'],
    ['it is no JSON', replyOf('ok'), unknowing, 'not_json'],
    ['it is longer than what is kept', replyOf('{', { truncated: true }), unknowing, 'reply_too_long'],
  ];
  it.each(bad)('is no answer if %s', (_, view, options, code) => {
    expect(infer.judge(view, prompt, options)).toMatchObject({ ok: false, code });
  });

  it('has a digest of its tokens and not of its times, but none of too few', () => {
    const digest = (view: ReplyView): string | null => infer.judge(view, prompt, unknowing).answerDigest;
    expect(digest(predicted(likely))).toBe(digest(predicted(likely, { latency_ms: 99 })));
    expect(digest(predicted(likely))).not.toBe(digest(predicted([...likely].reverse())));
    expect(digest(predicted(likely.slice(0, 2)))).toBeNull();
  });
});
