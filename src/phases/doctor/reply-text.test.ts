import { describe, expect, it } from 'vitest';
import { isBinary, isPage, secretsOf, serverWords, shownText } from './reply-text.ts';

describe('serverWords', () => {
  it.each([
    ['{"error":{"message":"no such model","code":404}}', 'no such model'],
    ['{"error":"busy"}', 'busy'],
    ['{"message":"too long"}', 'too long'],
    ['{"detail":"Not Found"}', 'Not Found'],
    ['{"detail":[{"loc":["body","model"],"msg":"Field required"}]}', 'model: Field required'],
    ['{"detail":[{"loc":["body",0],"msg":"Bad item"}]}', 'Bad item'],
    ['"plain"', 'plain'],
    ['Method Not Allowed', 'Method Not Allowed'],
    ['<html>', null],
    ['{}', null],
    ['null', null],
    ['[1]', null],
    ['', null],
    ['{"error":{"message":7}}', null],
  ])('of %s are %s', (body, words) => {
    expect(serverWords(body)).toBe(words);
  });
});

describe('shownText', () => {
  it.each([
    ['a\u001b[31mred\u001b[0m', 'ared', 'colours are gone whole'],
    ['\u001b]0;title\u0007x', ']0;titlex', 'what is left of an escape is harmless'],
    ['a\r\n\tb', 'a b', 'one line'],
    ['a\u0000\u0007\u202eb', 'ab', 'no control characters, no turning of the text'],
    ['x'.repeat(300), `${'x'.repeat(200)}…`, '200 characters'],
    ['😀'.repeat(201), `${'😀'.repeat(200)}…`, 'characters are not cut in two'],
    ['http://me:word@host/?api_key=abc', 'http://***@host/?api_key=***', 'credentials in addresses'],
  ])('of %j is %j: %s', (text, shown) => {
    expect(shownText(text, [])).toBe(shown);
  });

  it('says no key again that a server repeats, with its scheme or without, nor one that is cut off', () => {
    const secrets = secretsOf(new URL('http://me:pass-word@host'), { authorization: 'Bearer sk-1234567' });
    const basic = Buffer.from('me:pass-word').toString('base64');
    expect(shownText(`Bearer sk-1234567, sk-1234567, pass-word, ${basic}`, secrets)).toBe('***, ***, ***, ***');
    expect(shownText(`${'x'.repeat(195)} sk-1234567`, secrets)).not.toContain('sk-');
  });

  it('leaves words alone that a short value happens to be', () => {
    expect(shownText('an apple', secretsOf(new URL('http://host'), { 'x-tenant': 'a' }))).toBe('an apple');
  });
});

describe('what a reply is', () => {
  it.each([
    ['audio/mpeg', 'x', true],
    ['application/json', '\u0000', false],
    ['', 'a\u0000', true],
    ['', 'text', false],
  ])('%j with %j is binary: %s', (type, body, isIt) => {
    expect(isBinary(type, Buffer.from(body))).toBe(isIt);
  });

  it.each([
    ['text/html; charset=utf-8', '', true],
    ['', '\n<!DOCTYPE html>', true],
    ['application/json', '{}', false],
  ])('%j with %j is a page: %s', (type, body, isIt) => {
    expect(isPage(type, body)).toBe(isIt);
  });
});
