import { describe, expect, it } from 'vitest';
import { parseStatus } from './status.ts';

describe('parseStatus', () => {
  it('reads locked and pinned memory', () => {
    expect(parseStatus('Name:\tx\nVmLck:\t     8 kB\nVmPin:\t      4 kB\nVmHWM:\t     12 kB\n')).toMatchObject({
      locked_bytes: 8192,
      pinned_bytes: 4096,
      hwm_lifetime_bytes: 12_288,
      rss_bytes: null,
    });
  });
});
