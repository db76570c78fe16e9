import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRunFolder } from '../../store/run-folder.ts';
import { manualClock } from '../../testing/manual-clock.ts';
import { type GatherOptions, gather } from './gather.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-gather-'));
});
afterEach(() => rmSync(scratch, { recursive: true }));

describe('gather', () => {
  it('lets the sampler end, whose process would hold up ours, where its start cannot be written down', async () => {
    const stop = vi.fn(() => Promise.resolve(null));
    const full = new Error('manifest.json cannot be written: ENOSPC');
    const options = {
      clock: manualClock(),
      wallNowMs: () => 0,
      folder: createRunFolder(scratch, 'a'),
      corpus: { items: [] },
      profile: { abortWhen: [], stages: [], sampleIntervalMs: 1000, search: null },
      plan: { stages: [] },
      engine: { open: () => ({ inFlight: () => 0, planned: () => 0 }) },
      neighbour: null,
      guardRatio: null,
      signal: new AbortController().signal,
      startSampler: () => Promise.resolve({ notObserved: [], description: 'x', stop }),
      onSampler() {
        throw full;
      },
    } as unknown as GatherOptions;
    await expect(gather(options)).rejects.toBe(full);
    expect(stop).toHaveBeenCalledOnce();
  });
});
