import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Adler } from './adler.ts';

/** What zlib writes at the end of its stream (RFC 1950). */
function zlibAdler(bytes: Uint8Array): number {
  const stream = deflateSync(bytes, { level: 0 });
  return stream.readUInt32BE(stream.length - 4);
}

function weightedSum(bytes: Uint8Array): number {
  return bytes.reduce((all, byte, index) => all + byte * (bytes.length - index), 0);
}

describe('Adler-32', () => {
  it('of bytes, of runs and of sums is that of zlib, in any mixture', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 800 }).map((bytes) => ({ bytes, how: 'bytes' as const })),
            fc.uint8Array({ maxLength: 800 }).map((bytes) => ({ bytes, how: 'sums' as const })),
            fc
              .tuple(fc.nat(255), fc.nat(200_000))
              .map(([value, length]) => ({ bytes: new Uint8Array(length).fill(value), how: 'run' as const })),
          ),
          { maxLength: 8 },
        ),
        (parts) => {
          const adler = new Adler();
          for (const { bytes, how } of parts) {
            if (how === 'run') {
              adler.addRun(bytes[0] ?? 0, bytes.length);
            } else if (how === 'bytes') {
              adler.addBytes(bytes, 0, bytes.length);
            } else {
              const plain = bytes.reduce((all, byte) => all + byte, 0);
              adler.addSums(bytes.length, plain, weightedSum(bytes));
            }
          }
          expect(adler.value).toBe(zlibAdler(Buffer.concat(parts.map(({ bytes }) => bytes))));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('of nothing is 1', () => {
    expect(new Adler().value).toBe(1);
  });
});
