import { describe, expect, it } from 'vitest';
import { chooseTarget, type TargetOptions } from './choose-target.ts';

const options = (over: Partial<TargetOptions>): TargetOptions => ({
  target: 'http://127.0.0.1:8000',
  device: 'auto',
  knob: [],
  readyWithin: 1000,
  allowRemote: false,
  ...over,
});

describe('chooseTarget', () => {
  it.each([
    ['http://127.0.0.1:8000'],
    ['http://localhost'],
    ['http://[::1]:1'],
    ['http://[::ffff:127.0.0.1]:1'],
    ['http://0x7f.1'],
    ['http://2130706433'],
  ])('takes %s, which is this machine', (target) => {
    expect(chooseTarget(options({ target }), 1)).toMatchObject({ kind: 'url' });
  });

  it.each([
    ['http://10.0.0.1'],
    ['http://0.0.0.0:8000'],
    ['http://[::]:8000'],
    ['http://[::ffff:10.0.0.1]'],
    ['http://localhost.evil'],
    ['http://127.0.0.1.nip.io'],
    ['http://localhost@example.org'],
    ['https://example.org/127.0.0.1'],
  ])('takes %s only with --allow-remote, as target and as neighbour', (url) => {
    const refusal = expect.objectContaining({ code: 'REMOTE_NOT_ALLOWED' }) as Error;
    expect(() => chooseTarget(options({ target: url }), 1)).toThrow(refusal);
    expect(() => chooseTarget(options({ neighbour: new URL(url) }), 1)).toThrow(refusal);
    expect(() => chooseTarget(options({ target: 'reference', neighbour: new URL(url) }), 1)).toThrow(refusal);
    expect(chooseTarget(options({ target: url, neighbour: new URL(url), allowRemote: true }), 1)).toMatchObject({
      kind: 'url',
    });
  });
});
