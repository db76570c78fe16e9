import { describe, expect, it } from 'vitest';
import { isLoopbackAddress, isLoopbackAuthority, isLoopbackHost } from './loopback.ts';

describe('isLoopbackHost', () => {
  it.each([
    ['localhost', true, false],
    ['LOCALHOST', true, false],
    ['127.0.0.1', true, true],
    ['127.8.9.10', true, true],
    ['::1', true, true],
    ['[::1]', true, false],
    ['::ffff:127.0.0.1', true, true],
    ['::ffff:10.0.0.1', false, false],
    ['64:ff9b::7f00:1', false, false],
    ['localhost.evil', false, false],
    ['localhost.', false, false],
    ['0.0.0.0', false, false],
    ['::', false, false],
    ['10.0.0.1', false, false],
    ['127.0.0.1.example.org', false, false],
    ['', false, false],
  ])('of "%s" is %s, and as an address %s', (host, asHost, asAddress) => {
    expect([isLoopbackHost(host), isLoopbackAddress(host)]).toEqual([asHost, asAddress]);
  });
});

describe('isLoopbackAuthority', () => {
  it.each([
    ['127.0.0.1:9005', true],
    ['localhost', true],
    ['[::1]:80', true],
    ['rebound.example:9005', false],
    ['127.0.0.1.example', false],
    ['localhost@example.org', false],
    ['', false],
    [undefined, false],
  ])('of %j is %s', (header, expected) => {
    expect(isLoopbackAuthority(header)).toBe(expected);
  });
});
