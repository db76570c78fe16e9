import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAudioCode } from '../base/audio-code.ts';
import { bedSymbol } from '../base/audio-frames.ts';
import { sha256OfChunks } from '../base/digest.ts';
import { BenchError } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { fillerUnits, noiseVariants, speechBank } from './speech/bank.ts';
import { speechLongform } from './speech-longform.ts';

const place = 'corpora/x.yaml:6:1 params';
const oneBucket = { sampleRate: 16_000, by: 'seconds', buckets: [{ from: 2, to: 6, share: 1 }] };

function make(params: unknown, count = 8, seed = 'test'): readonly CorpusItem[] {
  return speechLongform.items(params, { name: 'x', count, random: createRandom(seed), place, folder: '.' });
}

function bytesOf(item: CorpusItem): Uint8Array {
  // Each chunk is copied, since the generator uses its buffer again.
  return Buffer.concat(Array.from(item.chunks(), (chunk) => Buffer.from(chunk)));
}

function pcmOf(item: CorpusItem): Int16Array {
  const bytes = bytesOf(item);
  return new Int16Array(new Uint8Array(bytes.subarray(44)).buffer);
}

function itemAt(items: readonly CorpusItem[], index: number): CorpusItem {
  const item = items[index];
  if (item === undefined) {
    throw new Error(`no item ${index}`);
  }
  return item;
}

describe('golden bytes (if one is meant to change, raise the version of the generator)', () => {
  it('the bank of 16 kHz is the same on every runtime', () => {
    const bank = speechBank(16_000, 'pcm16');
    const hash = createHash('sha256');
    for (let symbol = 0; symbol <= bedSymbol; symbol += 1) {
      for (let variant = 0; variant < noiseVariants; variant += 1) {
        hash.update(bank.symbol(symbol, variant));
      }
    }
    for (let unit = 0; unit < fillerUnits; unit += 1) {
      hash.update(bank.filler(unit));
    }
    expect(hash.digest('hex')).toBe('8f2b7240d59d99b1f1e9a5773c72ddbd6ce017c61801f9e62d4a6c339818f060');
  });
});

describe('a clip', () => {
  it.each([8000, 16_000, 48_000])(
    'says at %i Hz all that was planted, and its length is in its header',
    (sampleRate) => {
      for (const item of make({ ...oneBucket, sampleRate }, 3)) {
        const bytes = Buffer.from(bytesOf(item));
        expect(bytes.length).toBe(item.bytes);
        expect(bytes.toString('latin1', 0, 4) + bytes.toString('latin1', 8, 12)).toBe('RIFFWAVE');
        expect(bytes.readUInt32LE(4)).toBe(item.bytes - 8);
        expect(bytes.readUInt32LE(24)).toBe(sampleRate);
        expect(bytes.readUInt32LE(40)).toBe(item.bytes - 44);
        const decoded = decodeAudioCode(pcmOf(item), sampleRate);
        expect(decoded?.words.join(' ')).toBe(item.truth['tokens']);
        expect(decoded?.missing).toBe(0);
      }
    },
  );

  it('of five minutes is decoded to the last word, also when its first 13 ms are gone', () => {
    const item = itemAt(make({ ...oneBucket, buckets: [{ from: 300, to: 300, share: 1 }] }, 1), 0);
    const pcm = pcmOf(item);
    const planted = item.truth['tokens'];
    expect(planted?.split(' ')).toHaveLength(749);
    expect(decodeAudioCode(pcm, 16_000)?.words.join(' ')).toBe(planted);
    expect(decodeAudioCode(pcm.slice(208), 16_000)?.words.join(' ')).toBe(planted);
  });

  it('never clips and is neither silent nor full of one value', () => {
    const pcm = pcmOf(itemAt(make(oneBucket, 1), 0));
    const peak = pcm.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(peak).toBeGreaterThan(10_000);
    expect(peak).toBeLessThan(13_000);
    expect(new Set(pcm).size).toBeGreaterThan(5000);
  });

  it('gives in any range the bytes of the whole', () => {
    const item = itemAt(make(oneBucket, 1), 0);
    const whole = bytesOf(item);
    fc.assert(
      fc.property(fc.nat(item.bytes), fc.nat(item.bytes + 100), (a, b) => {
        const range = { start: Math.min(a, b), end: Math.max(a, b) };
        const part = Buffer.concat(Array.from(item.chunks(range), (chunk) => Buffer.from(chunk)));
        expect(part.equals(whole.subarray(range.start, range.end))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('of eight hours opens at once, is read from its end at once, and yields one buffer of at most 64 KiB', () => {
    const eightHours = { ...oneBucket, buckets: [{ from: 28_800, to: 28_800, share: 1 }] };
    const item = itemAt(make(eightHours, 1), 0);
    expect(item.bytes).toBe(44 + 28_800 * 32_000);
    const seen = new Set<ArrayBufferLike>();
    for (const chunk of item.chunks({ start: item.bytes - 200_001, end: item.bytes })) {
      expect(chunk.length).toBeLessThanOrEqual(65_536);
      seen.add(chunk.buffer);
    }
    expect(seen.size).toBe(1);
  });

  it('is unlike every other clip of its corpus and of another seed, and like itself the next time', () => {
    const hash = (items: readonly CorpusItem[]): string[] => items.map((item) => sha256OfChunks(item.chunks()));
    const first = hash(make(oneBucket, 20));
    expect(new Set([...first, ...hash(make(oneBucket, 20, 'other'))]).size).toBe(40);
    expect(hash(make(oneBucket, 20))).toEqual(first);
  });

  it('two clips read in turns do not disturb each other', () => {
    const [a, b] = make(oneBucket, 2);
    if (a === undefined || b === undefined) {
      throw new Error('two items are expected');
    }
    const parts: [Buffer[], Buffer[]] = [[], []];
    const iterators = [a.chunks()[Symbol.iterator](), b.chunks()[Symbol.iterator]()] as const;
    for (let open = 2; open > 0; ) {
      open = 0;
      const both = [iterators[0].next(), iterators[1].next()] as const;
      for (const [index, step] of both.entries()) {
        if (step.done !== true) {
          parts[index === 0 ? 0 : 1].push(Buffer.from(step.value));
          open += 1;
        }
      }
    }
    expect(Buffer.concat(parts[0]).equals(bytesOf(a))).toBe(true);
    expect(Buffer.concat(parts[1]).equals(bytesOf(b))).toBe(true);
  });
});

describe('parameters', () => {
  const bucket = { from: 2, to: 6, share: 1 };
  it.each([
    {
      why: 'shares that do not add up to 1',
      params: { ...oneBucket, buckets: [bucket, { from: 6, to: 9, share: 0.01 }] },
      says: 'params.buckets: the shares add up to 1.01, not 1.',
      hint: 'exactly 1',
    },
    {
      why: 'a bucket that runs backwards',
      params: { ...oneBucket, buckets: [{ ...bucket, from: 9 }] },
      says: 'params.buckets.0: `from` is above `to`.',
      hint: 'Swap',
    },
    {
      why: 'a mean that no clip can have',
      params: { ...oneBucket, meanSeconds: 7 },
      says: 'params.meanSeconds: these buckets cannot have a mean of 7 s.',
      hint: 'between 2.00 s and 6.00 s',
    },
    {
      why: 'an unknown key',
      params: { ...oneBucket, sampelRate: 8000 },
      says: 'params: there is no parameter "sampelRate".',
      hint: 'Did you mean "sampleRate"?',
    },
    {
      why: 'another sample rate',
      params: { ...oneBucket, sampleRate: 44_100 },
      says: 'params.sampleRate:',
      hint: 'README',
    },
    { why: 'no buckets', params: { ...oneBucket, buckets: [] }, says: 'params.buckets:', hint: 'README' },
    {
      why: 'a clip too short for a word',
      params: { ...oneBucket, buckets: [{ ...bucket, from: 0 }] },
      says: 'params.buckets.0.from:',
      hint: 'README',
    },
    { why: 'nothing', params: null, says: 'params:', hint: 'README' },
  ])('with $why are refused, with place and next step', ({ params, says, hint }) => {
    let refusal: unknown = null;
    try {
      make(params);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(BenchError);
    expect(refusal).toMatchObject({ code: 'RECIPE_INVALID' });
    expect(String(refusal)).toContain(`corpora/x.yaml:6:1 ${says}`);
    expect((refusal as BenchError).hint).toContain(hint);
  });
});
