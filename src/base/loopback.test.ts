import { describe, expect, it } from 'vitest';
import { isLoopbackAddress, isLoopbackHost } from './loopback.ts';

describe('isLoopbackHost', () => {
  it.each([
    ['localhost', true, false],
    ['LOCALHOST', true, false],
    ['127.0.0.1', true, true],
    ['127.8.9.10', true, true],
    ['::1', true, true],
    ['[::1]', true, false],
    ['0.0.0.0', false, false],
    ['::', false, false],
    ['10.0.0.1', false, false],
    ['127.0.0.1.example.org', false, false],
    ['', false, false],
  ])('of "%s" is %s, and as an address %s', (host, asHost, asAddress) => {
    expect([isLoopbackHost(host), isLoopbackAddress(host)]).toEqual([asHost, asAddress]);
  });
});
