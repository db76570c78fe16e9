import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nestingOf, parseJsonObject } from './json-body.ts';

describe('nestingOf', () => {
  it.each([
    ['a flat object', '{"a":1}', 1],
    ['two in a row', '[[],[]]', 2],
    ['brackets in a text', '{"code":"[[[["}', 1],
    ['an escaped quote in a text', '{"code":"\\"[[["}', 1],
    ['an escaped backslash before the end of a text', '{"code":"\\\\","a":[]}', 2],
    ['nothing', '', 0],
  ])('counts %s', (_reason, json, expected) => {
    expect(nestingOf(json)).toBe(expected);
  });

  it('sees no brackets in any text', () => {
    fc.assert(fc.property(fc.string(), (text) => nestingOf(JSON.stringify({ text })) === 1));
  });
});

describe('parseJsonObject', () => {
  it('gives the fields', () => {
    expect(parseJsonObject('{"a":[1]}')).toEqual({ a: [1] });
  });

  it.each([
    ['no JSON', '{', 'invalid_json'],
    ['a list', '[]', 'invalid_json'],
    ['null', 'null', 'invalid_json'],
    ['a bomb', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'json_too_deep'],
  ])('refuses %s with 400', (_reason, json, code) => {
    expect(() => parseJsonObject(json)).toThrow(expect.objectContaining({ status: 400, code }) as Error);
  });
});
