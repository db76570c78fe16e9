import { describe, expect, it } from 'vitest';
import { isSecretName, maskAddresses, maskText } from './secret-text.ts';

describe('maskAddresses', () => {
  it.each([
    ['http://me:pw@host/', 'http://***@host/'],
    ['HTTPS://me:p@w@host/', 'HTTPS://***@host/'],
    ['http:me:pw@host/', 'http:***@host/'],
    ['postgres://me:a#b?c@host/x', 'postgres://***@host/x'],
    ['http://host/?X-Amz-Signature=ab&sig=cd&format=text', 'http://host/?X-Amz-Signature=***&sig=***&format=text'],
    ['http://host/#access_token=ab', 'http://host/#access_token=***'],
    ['http://host/a@b and vllm/vllm:v1@sha256:ab', 'http://host/a@b and vllm/vllm:v1@sha256:ab'],
  ])('makes %j into %j', (text, masked) => {
    expect(maskAddresses(text)).toBe(masked);
  });
});

describe('maskText', () => {
  it.each([
    ['Authorization: Bearer abc.def', 'Authorization: ***'],
    ['{"api_key": "abc", "n": 1}', '{"api_key": *** "n": 1}'],
    ['a token like hf_abcdefghijkl or sk-abcdefghijkl', 'a token like *** or ***'],
    ['max_num_batched_tokens=8192 --tokenizer mistral', 'max_num_batched_tokens=8192 --tokenizer mistral'],
  ])('makes %j into %j', (text, masked) => {
    expect(maskText(text)).toBe(masked);
  });

  it.each(['key', 'http:', '//', 'token=', '"', "'", 'a@', '?key', '--key '])(
    'takes time in proportion to a text of nothing but %j',
    (part) => {
      const text = part.repeat(30_000 / part.length);
      const before = performance.now();
      maskText(text);
      expect(performance.now() - before).toBeLessThan(3000);
    },
  );
});

describe('isSecretName', () => {
  it.each([
    ['HF_TOKEN', 'abc', true],
    ['api-key', 'abc', true],
    ['max-tokens', '4096', false],
    ['max-tokens', 'abc', true],
    ['tokenizer', 'abc', false],
    ['port', '8000', false],
  ])('of %s with %s is %s', (name, held, expected) => {
    expect(isSecretName(name, held)).toBe(expected);
  });
});
