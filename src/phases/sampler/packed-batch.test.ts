import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../model/probe.ts';
import { createPacker, createUnpacker } from './packed-batch.ts';
import type { SampleBatch } from './sampler.ts';

const sampleOf = fc.record({
  probe: fc.constantFrom('process-memory', 'psi'),
  scope: fc.constantFrom<Sample['scope']>('tree', 'host'),
  instance: fc.constantFrom('tree', 'host', 'a#1'),
  metric: fc.constantFrom('rss_bytes', 'fds'),
  value: fc.option(fc.double({ noNaN: true })),
});
const batchOf = fc.record<SampleBatch>({
  tMs: fc.nat(),
  stage: fc.string(),
  quality: fc.constantFrom('ok', 'late'),
  samples: fc.array(sampleOf),
});

describe('a packed batch', () => {
  it('is unpacked to what it was, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(batchOf), (batches) => {
        const pack = createPacker();
        const unpack = createUnpacker();
        expect(batches.map((batch) => unpack(structuredClone(pack(batch))))).toEqual(batches);
      }),
    );
  });

  it('names a series once', () => {
    const pack = createPacker();
    const batch: SampleBatch = {
      tMs: 0,
      stage: 's',
      quality: 'ok',
      samples: [{ probe: 'psi', scope: 'host', instance: 'host', metric: 'x', value: null }],
    };
    expect([pack(batch), pack(batch)].map(({ newSeries }) => newSeries.length)).toEqual([1, 0]);
  });
});
