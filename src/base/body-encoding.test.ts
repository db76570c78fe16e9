import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BodyEncoding, type BodySource, encodedChunks, encodedLength } from './body-encoding.ts';

/** Yields the bytes cut at the given lengths, always in the same buffer, as a generator of items may do it. */
function sourceOf(bytes: Uint8Array, cuts: readonly number[]): BodySource & { asked: number } {
  return {
    bytes: bytes.length,
    asked: 0,
    *chunks() {
      this.asked += 1;
      const buffer = new Uint8Array(Math.max(1, bytes.length));
      let turn = 0;
      for (let at = 0; at < bytes.length; ) {
        const length = Math.min(bytes.length - at, cuts[turn % cuts.length] ?? bytes.length);
        buffer.set(bytes.subarray(at, at + length));
        yield buffer.subarray(0, length);
        at += length;
        turn += 1;
      }
    },
  };
}

function encoded(source: BodySource, encoding: BodyEncoding | undefined): Buffer {
  return Buffer.concat(Array.from(encodedChunks(source, encoding), (chunk) => Buffer.from(chunk)));
}

const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });

describe('a source in base64', () => {
  it('is what the platform writes, for any bytes and any cuts, in the length that was announced', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), cuts, (bytes, lengths) => {
        const source = sourceOf(bytes, lengths);
        const text = encoded(source, 'base64').toString('latin1');
        expect(text).toBe(Buffer.from(bytes).toString('base64'));
        expect(encodedLength(source, 'base64')).toBe(text.length);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    { bytes: 0, why: 'nothing' },
    { bytes: 49_151, why: 'one less than a chunk' },
    { bytes: 49_152, why: 'a chunk' },
    { bytes: 49_153, why: 'one more than a chunk' },
    { bytes: 200_003, why: 'many chunks and a rest' },
  ])('of $bytes bytes ($why) comes in chunks of at most 64 KiB', ({ bytes }) => {
    const content = Uint8Array.from({ length: bytes }, (_, index) => (index * 7) & 255);
    for (const lengths of [[65_536], [65_535, 1], [1000, 1], [bytes + 1]]) {
      const source = sourceOf(content, lengths);
      let longest = 0;
      for (const chunk of encodedChunks(source, 'base64')) {
        longest = Math.max(longest, chunk.length);
      }
      expect(longest).toBeLessThanOrEqual(65_536);
      expect(encoded(source, 'base64').equals(Buffer.from(Buffer.from(content).toString('base64')))).toBe(true);
    }
  });
});

describe('a text in a JSON string', () => {
  const unit = fc.constantFrom('a', ' ', '"', '\\', '\n', '\0', '\x1f', '\x7f', 'é', '€', '😀');
  it('is read back as it was, for any text and any cuts, in the length that was announced', () => {
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 80 }), cuts, (text, lengths) => {
        const source = sourceOf(Buffer.from(text), lengths);
        const json = encoded(source, 'json');
        expect(JSON.parse(`"${json.toString('utf8')}"`)).toBe(Buffer.from(text).toString('utf8'));
        expect(encodedLength(source, 'json')).toBe(json.length);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    { text: 'say "hi"', json: String.raw`say \"hi\"`, why: 'quotes end a string' },
    { text: 'a\\b', json: String.raw`a\\b`, why: 'a backslash escapes' },
    { text: 'a\n\tb\r', json: String.raw`a\n\tb\r`, why: 'line breaks are not allowed in a string' },
    { text: '\0\x1f', json: String.raw`\u0000\u001f`, why: 'nor are other control characters' },
    { text: '\x7f/é€😀', json: '\x7f/é€😀', why: 'all else may stand as it is' },
  ])('of $text is $json, since $why', ({ text, json }) => {
    expect(encoded(sourceOf(Buffer.from(text), [2]), 'json').toString('utf8')).toBe(json);
  });

  it('comes in chunks of at most 64 KiB, also where every byte takes six', () => {
    const content = new Uint8Array(100_000);
    let longest = 0;
    let total = 0;
    for (const chunk of encodedChunks(sourceOf(content, [65_536]), 'json')) {
      longest = Math.max(longest, chunk.length);
      total += chunk.length;
    }
    expect(longest).toBeLessThanOrEqual(65_536);
    expect(total).toBe(600_000);
  });

  it('is counted once, however often it is sent', () => {
    const source = sourceOf(Buffer.from('a "word"'), [3]);
    expect(encodedLength(source, 'json')).toBe(10);
    expect(encodedLength(source, 'json')).toBe(10);
    expect(source.asked).toBe(1);
  });
});

it('a source without an encoding is passed on as it is', () => {
  const source = sourceOf(Uint8Array.of(34, 0, 255), [2]);
  expect([...encoded(source, undefined)]).toEqual([34, 0, 255]);
  expect(encodedLength(source, undefined)).toBe(3);
});
