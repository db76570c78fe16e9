import { describe, expect, it } from 'vitest';
import { isLoopback, parseTarget } from './target-option.ts';

describe('target-option', () => {
  it.each([
    ['reference', null, []],
    ['reference:none', null, []],
    ['reference:ungated-pool', 'ungated-pool', []],
    ['reference:ungated-pool+fixed', 'ungated-pool', ['fixed']],
    ['reference:requeue-spin+ram-gate+retry-cap', 'requeue-spin', ['ram-gate', 'retry-cap']],
  ])('reads %s as fault %s with fixes %s', (text, fault, fixes) => {
    expect(parseTarget(text)).toEqual({ kind: 'reference', fault, fixes });
  });

  it.each(['refrence', 'ftp://127.0.0.1/', ''])('refuses "%s" with an example of what to write', (text) => {
    expect(() => parseTarget(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it.each([
    ['localhost:8000', 'http://localhost:8000'],
    ['127.0.0.1:8000/v1', 'http://127.0.0.1:8000/v1'],
    ['[::1]:8000', 'http://[::1]:8000'],
    ['gpu-box.lan', 'http://gpu-box.lan'],
    ['refrence:ungated-pool', 'Did you mean "reference"?'],
    ['nonsense', 'For example'],
  ])('says of %s what to write: %s', (text, hint) => {
    expect(() => parseTarget(text)).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) as string }));
  });

  it.each([
    ['http://127.0.0.1:8000', true],
    ['http://localhost:8000', true],
    ['http://[::1]:8000', true],
    ['http://127.1.2.3', true],
    ['http://10.0.0.1', false],
    ['https://example.org', false],
  ])('knows whether %s is this machine: %s', (url, expected) => {
    expect(isLoopback(new URL(url))).toBe(expected);
  });
});
