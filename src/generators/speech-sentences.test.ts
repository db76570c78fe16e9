import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256OfChunks } from '../base/digest.ts';
import { createRandom } from '../base/random.ts';
import { scanWav } from '../base/wav.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { folderOf, noiseWav } from './sentences/recordings.fixture.ts';
import { createSpeechSentences } from './speech-sentences.ts';

const place = 'corpora/x.yaml:6:1 params';
const sampleRate = 8000;
/** Seconds of six recordings by their transcript. */
const utterances = { one: 0.5, 'two two': 0.7, three: 0.9, four: 1.1, five: 1.3, six: 1.6 } as const;
const texts: readonly string[] = Object.keys(utterances);
const bank = { folder: 'recordings' };
const longer = { sampleRate, by: 'seconds', buckets: [{ from: 4, to: 12, share: 1 }], bank };

let folder = '';
const generator = createSpeechSentences({
  engineFile: () => null,
  get cacheFolder() {
    return join(folder, 'cache');
  },
});

beforeAll(() => {
  const files = Object.entries(utterances).flatMap(([text, seconds], index) => [
    [`recordings/${index}.wav`, noiseWav(text, seconds, sampleRate)] as const,
    [`recordings/${index}.txt`, text] as const,
  ]);
  folder = folderOf(Object.fromEntries(files));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function make(params: unknown, count = 8, seed = 'test'): readonly CorpusItem[] {
  return generator.items(params, { name: 'x', count, random: createRandom(seed), place, folder });
}

function itemAt(items: readonly CorpusItem[], index: number): CorpusItem {
  const item = items[index];
  if (item === undefined) {
    throw new Error(`there is no item ${index}`);
  }
  return item;
}

function bytesOf(item: CorpusItem): Buffer {
  return Buffer.concat(Array.from(item.chunks(), (chunk) => Buffer.from(chunk)));
}

interface Heard {
  text: string;
  start: number;
  end: number;
}

/** Every whole recording in the clip, in order: found by its bytes, without the generator's plan. */
function hear(clip: Buffer): Heard[] {
  return Object.entries(utterances)
    .flatMap(([text, seconds]) => {
      const pcm = noiseWav(text, seconds, sampleRate).subarray(44);
      const found: Heard[] = [];
      for (let at = clip.indexOf(pcm); at >= 0; at = clip.indexOf(pcm, at + 1)) {
        found.push({ text, start: at, end: at + pcm.length });
      }
      return found;
    })
    .sort((a, b) => a.start - b.start);
}

function gapsOf(clip: Buffer, heard: readonly Heard[]): Buffer[] {
  return [...heard, { start: clip.length, end: 0 }].map(({ start }, index) =>
    clip.subarray(heard[index - 1]?.end ?? 44, start),
  );
}

describe('a clip', () => {
  it('is a WAV file of exactly the announced length', () => {
    for (const item of make(longer, 20)) {
      const bytes = bytesOf(item);
      expect(bytes).toHaveLength(item.bytes);
      const scan = scanWav(bytes, bytes.length);
      expect(scan).toMatchObject({ ok: true, wav: { encoding: 1, bitsPerSample: 16, channels: 1, sampleRate } });
      expect(item.traits['audioSeconds']).toBe((item.bytes - 44) / 2 / sampleRate);
      expect(item).toMatchObject({ content: 'speech', mediaType: 'audio/wav', attachments: [] });
    }
  });

  it('says whole utterances and nothing else, which its truth holds word for word', () => {
    for (const item of make(longer, 20)) {
      const heard = hear(bytesOf(item));
      expect(heard.length).toBeGreaterThan(1);
      expect(heard.map(({ text }) => text).join(' ')).toBe(item.truth['text']);
    }
  });

  it('says nothing twice before the whole bank was used', () => {
    const [item] = make({ ...longer, buckets: [{ from: 40, to: 40, share: 1 }] }, 1);
    const heard = hear(bytesOf(item as CorpusItem)).map(({ text }) => text);
    expect(heard.length).toBeGreaterThan(2 * texts.length);
    for (let start = 0; start < heard.length; start += texts.length) {
      const round = heard.slice(start, start + texts.length);
      expect(new Set(round).size).toBe(round.length);
    }
  });

  it('has pauses within the given range, and no room for another utterance after the last', () => {
    for (const item of make({ ...longer, gapSeconds: { from: 0.3, to: 0.4 } }, 20)) {
      const clip = bytesOf(item);
      const heard = hear(clip);
      const pauses = gapsOf(clip, heard).map(({ length }) => length / 2 / sampleRate);
      const [lead = 0] = pauses;
      const rest = pauses.at(-1) ?? 0;
      expect(lead).toBeGreaterThanOrEqual(0.1);
      expect(lead).toBeLessThanOrEqual(0.3);
      for (const pause of pauses.slice(1, -1)) {
        expect(pause).toBeGreaterThanOrEqual(0.3);
        expect(pause).toBeLessThanOrEqual(0.4);
      }
      const unused = Object.entries(utterances).filter(([text]) => !heard.some((said) => said.text === text));
      const shortest = Math.min(...unused.map(([, seconds]) => seconds));
      expect(rest).toBeLessThan(unused.length === 0 ? 0.4 + 0.5 : 0.4 + shortest);
    }
  });

  it('is never silent: its pauses hold quiet noise', () => {
    const clip = bytesOf(itemAt(make(longer), 0));
    for (const gap of gapsOf(clip, hear(clip))) {
      const levels = Array.from({ length: gap.length / 2 }, (_, index) => gap.readInt16LE(index * 2));
      const power = levels.reduce((all, level) => all + level * level, 0) / levels.length;
      expect(Math.sqrt(power)).toBeGreaterThan(30);
      expect(Math.sqrt(power)).toBeLessThan(45);
    }
  });

  it('gives in any range the bytes of the whole', () => {
    const item = itemAt(make(longer, 1), 0);
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
    const item = itemAt(make({ ...longer, buckets: [{ from: 28_800, to: 28_800, share: 1 }] }, 1), 0);
    expect(item.bytes).toBe(44 + 28_800 * 16_000);
    const seen = new Set<ArrayBufferLike>();
    for (const chunk of item.chunks({ start: item.bytes - 200_001, end: item.bytes })) {
      expect(chunk.length).toBeLessThanOrEqual(65_536);
      seen.add(chunk.buffer);
    }
    expect(seen.size).toBe(1);
  });

  it('is unlike every other clip, even of the same length and words, and like itself the next time', () => {
    const short = { ...longer, buckets: [{ from: 1, to: 1, share: 1 }] };
    const hash = (items: readonly CorpusItem[]): string[] => items.map((item) => sha256OfChunks(item.chunks()));
    const first = hash(make(short, 200));
    expect(new Set([...first, ...hash(make(short, 200, 'other'))]).size).toBe(400);
    expect(hash(make(short, 200))).toEqual(first);
  });

  it('has the bytes that it always had', () => {
    expect(make(longer, 3).map((item) => sha256OfChunks(item.chunks()))).toEqual([
      'edb61a6b5267fb7bc0fb58ff594c431f4019aa05ac7e8c1e8e3aedfe92a83e1a',
      '6bf11d4bdd246688486c95bde72cd7f53aa6c0edc465d4292035c616de608e60',
      'd17219b635eb18d9b342aa80352238b3071c2935e84a52d0ecdf1cc0782f4112',
    ]);
  });
});

describe('a corpus', () => {
  const hash = (): string => sha256OfChunks(itemAt(make(longer), 0).chunks());

  it('is another one when a transcript or a recording is another one', () => {
    const before = hash();
    writeFileSync(join(folder, 'recordings/0.txt'), 'won');
    const afterText = hash();
    writeFileSync(join(folder, 'recordings/0.txt'), 'one');
    writeFileSync(join(folder, 'recordings/0.wav'), noiseWav('another', 0.5, sampleRate));
    const afterSound = hash();
    writeFileSync(join(folder, 'recordings/0.wav'), noiseWav('one', 0.5, sampleRate));
    expect(new Set([before, afterText, afterSound]).size).toBe(3);
    expect(hash()).toBe(before);
  });

  it('at another rate has clips of the same lengths', () => {
    const at = (rate: number): CorpusItem => itemAt(make({ ...longer, sampleRate: rate }), 0);
    expect(at(16_000).traits['audioSeconds']).toBeCloseTo(at(8000).traits['audioSeconds'] ?? 0, 3);
    expect(at(16_000).bytes).toBeCloseTo(2 * at(8000).bytes - 44, -1);
  });

  it('meets the shares of its buckets', () => {
    const buckets = [
      { from: 1, to: 2, share: 0.75 },
      { from: 4, to: 5, share: 0.25 },
    ];
    const seconds = make({ ...longer, buckets, order: 'interleaved' }, 40).map(
      ({ traits }) => traits['audioSeconds'] ?? 0,
    );
    expect(seconds.filter((length) => length < 3)).toHaveLength(30);
    expect(seconds.slice(0, 20).filter((length) => length < 3)).toHaveLength(15);
  });
});

describe('parameters', () => {
  const bucket = { from: 2, to: 6, share: 1 };
  it.each([
    {
      why: 'a clip too short for any utterance',
      params: { ...longer, buckets: [{ ...bucket, from: 0.7 }] },
      says: 'params.buckets.0.from: 0.7 s are too short for any utterance of this bank.',
      hint: 'Write 0.80 or more.',
    },
    {
      why: 'no bank',
      params: { ...longer, bank: {} },
      says: 'params.bank: needs an `engine` or a `folder`.',
      hint: 'engine: flite',
    },
    {
      why: 'two banks',
      params: { ...longer, bank: { engine: 'flite', folder: 'recordings' } },
      says: 'params.bank: needs an `engine` or a `folder`.',
      hint: 'engine: flite',
    },
    {
      why: 'voices for recordings',
      params: { ...longer, bank: { ...bank, voices: ['slt'] } },
      says: 'params.bank.voices: recordings have no voices to choose.',
      hint: 'Remove',
    },
    {
      why: 'an unknown voice',
      params: { ...longer, bank: { engine: 'flite', voices: ['bob'] } },
      says: 'params.bank.voices.0:',
      hint: 'README',
    },
    {
      why: 'pauses that run backwards',
      params: { ...longer, gapSeconds: { from: 2, to: 1 } },
      says: 'params.gapSeconds: `from` is above `to`.',
      hint: 'Swap',
    },
    {
      why: 'a bucket that runs backwards',
      params: { ...longer, buckets: [{ ...bucket, from: 9 }] },
      says: 'params.buckets.0: `from` is above `to`.',
      hint: 'Swap',
    },
    {
      why: 'an unknown key',
      params: { ...longer, gapSecond: 1 },
      says: 'params: there is no parameter "gapSecond".',
      hint: 'Did you mean "gapSeconds"?',
    },
    {
      why: 'another sample rate',
      params: { ...longer, sampleRate: 12_345 },
      says: 'params.sampleRate:',
      hint: 'README',
    },
    { why: 'no buckets', params: { ...longer, buckets: [] }, says: 'params.buckets:', hint: 'README' },
    { why: 'nothing', params: null, says: 'params:', hint: 'README' },
  ])('with $why are refused, with place and next step', ({ params, says, hint }) => {
    expect(() => make(params)).toThrowError(
      expect.objectContaining({
        code: 'RECIPE_INVALID',
        message: expect.stringContaining(`corpora/x.yaml:6:1 ${says}`) as string,
        hint: expect.stringContaining(hint) as string,
      }),
    );
  });

  it('that name an engine which is not installed say how to install it', () => {
    expect(() => make({ ...longer, bank: { engine: 'flite' } })).toThrowError(
      expect.objectContaining({ code: 'CORPUS_UNAVAILABLE', exitCode: 5 }),
    );
  });

  it('that name a folder which is not there say which', () => {
    expect(() => make({ ...longer, bank: { folder: 'nowhere' } })).toThrowError(
      expect.objectContaining({
        code: 'CORPUS_UNAVAILABLE',
        message: expect.stringContaining(`the folder ${join(folder, 'nowhere')} cannot be read.`) as string,
      }),
    );
  });
});
