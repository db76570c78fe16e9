import { describe, expect, it } from 'vitest';
import { parseExecuteRequest } from './execute-request.ts';

describe('parseExecuteRequest', () => {
  it.each([
    ['only code: 10 s of Python', { code: 'x' }, { code: 'x', timeoutMs: 10_000, language: 'python' }],
    ['the longest time', { code: 'x', timeout: 30 }, { code: 'x', timeoutMs: 30_000, language: 'python' }],
    ['a part of a second', { code: 'x', timeout: 0.05 }, { code: 'x', timeoutMs: 50, language: 'python' }],
    ['JavaScript', { code: 'x', language: 'javascript' }, { code: 'x', timeoutMs: 10_000, language: 'javascript' }],
    ['fields that it does not know', { code: 'x', id: 7 }, { code: 'x', timeoutMs: 10_000, language: 'python' }],
  ])('takes %s', (_reason, body, expected) => {
    expect(parseExecuteRequest(JSON.stringify(body))).toEqual(expected);
  });

  it.each([
    ['no JSON', '{"code":', 'invalid_json'],
    ['an empty body', '', 'invalid_json'],
    ['a list', '[1]', 'invalid_json'],
    ['null', 'null', 'invalid_json'],
    ['a text', '"print(1)"', 'invalid_json'],
    ['brackets without end', '['.repeat(1_000_000), 'json_too_deep'],
    ['deep JSON that is right', `{"code":"x","a":${'['.repeat(40)}${']'.repeat(40)}}`, 'json_too_deep'],
    ['no code', '{}', 'no_code'],
    ['code that is no text', '{"code":7}', 'no_code'],
    ['code of no character', '{"code":""}', 'no_code'],
    ['a timeout of 0', '{"code":"x","timeout":0}', 'invalid_timeout'],
    ['a timeout below 0', '{"code":"x","timeout":-1}', 'invalid_timeout'],
    ['a timeout above 30 s', '{"code":"x","timeout":30.001}', 'invalid_timeout'],
    ['a timeout that is no number', '{"code":"x","timeout":"5"}', 'invalid_timeout'],
    ['a timeout of null', '{"code":"x","timeout":null}', 'invalid_timeout'],
    ['a language that it does not speak', '{"code":"x","language":"ruby"}', 'unknown_language'],
  ])('refuses %s', (_reason, body, code) => {
    expect(() => parseExecuteRequest(body)).toThrow(expect.objectContaining({ status: 400, code }));
  });
});
