import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFlac, readFlacHeader } from './flac-header.ts';
import { scanJpegSize, scanPngSize } from './image-size.ts';
import { readJpegHeader } from './jpeg-header.ts';
import { scanWav, wavHeaderOf, wavSecondsOf } from './wav.ts';
import { readWavPcm } from './wav-pcm.ts';

const wav = Buffer.concat([wavHeaderOf(8000, 50), Buffer.alloc(100, 7)]);
const flac = Buffer.concat([Buffer.from('fLaC\0\0\0\x22', 'latin1'), Buffer.alloc(40, 0x5a)]);
const png = Buffer.concat([
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
  Buffer.from('00000280000001e008020000000000000000', 'hex'),
]);
const table = (kind: string): string => `ffc40014${kind}${'01'.padEnd(32, '0')}05`;
const jpeg = Buffer.from(
  [
    'ffd8',
    `ffdb004300${'10'.repeat(64)}`,
    'ffc0000b0800100020010111',
    '00',
    table('00'),
    table('10'),
    'ffda000801010000003f00',
    'f8f8',
  ].join(''),
  'hex',
);

/** One of these files with bytes put elsewhere, and perhaps cut. */
const broken = fc
  .record({
    file: fc.constantFrom(wav, flac, png, jpeg),
    puts: fc.array(fc.tuple(fc.nat({ max: 300 }), fc.nat({ max: 255 })), { maxLength: 8 }),
    kept: fc.option(fc.nat({ max: 300 })),
  })
  .map(({ file, puts, kept }) => {
    const bytes = Buffer.from(file);
    for (const [at, value] of puts) {
      bytes[at % bytes.length] = value;
    }
    // Not at the start of its memory, as a piece of a larger buffer is not.
    return Buffer.concat([Buffer.alloc(3), bytes]).subarray(3, kept === null ? undefined : 3 + kept);
  });
const any = fc.oneof({ weight: 4, arbitrary: broken }, fc.uint8Array({ maxLength: 200 }));

describe('the header of a file that is broken', () => {
  it('of WAV gives seconds above 0 that the file can hold, or says why not', () => {
    fc.assert(
      fc.property(any, (bytes) => {
        const scan = scanWav(bytes, bytes.length);
        if (scan.ok) {
          const { dataOffset, dataBytes } = scan.wav;
          expect(wavSecondsOf(scan.wav)).toBeGreaterThan(0);
          expect(dataOffset + dataBytes).toBeLessThanOrEqual(bytes.length);
        } else {
          expect(scan.message).toMatch(/^the [^\n]+\.$/);
        }
      }),
    );
  });

  it('of WAV gives samples of 16 bits, or says why not', () => {
    fc.assert(
      fc.property(any, (bytes) => {
        const sound = readWavPcm(bytes);
        if ('unusable' in sound) {
          expect(sound.unusable).toMatch(/^the [^\n]+\.$/);
        } else {
          expect(sound.sampleRate).toBeGreaterThan(0);
          expect(sound.pcm.length).toBeLessThanOrEqual(bytes.length);
        }
      }),
    );
  });

  it('of FLAC gives numbers within what the format can say, or null', () => {
    fc.assert(
      fc.property(any, (bytes) => {
        const header = readFlacHeader(bytes);
        expect(header === null || isFlac(bytes)).toBe(true);
        if (header !== null) {
          expect(header.samples ?? 1).toBeGreaterThan(0);
          expect(header.samples ?? 1).toBeLessThan(2 ** 36);
          expect(header.channels * header.bitsPerSample).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('of JPEG and PNG gives sides that are whole numbers, or none', () => {
    fc.assert(
      fc.property(any, (bytes) => {
        const scans = [scanJpegSize(bytes), scanPngSize(bytes)].flatMap((scan) => ('size' in scan ? [scan.size] : []));
        const sides = [readJpegHeader(bytes) ?? [], scans].flat().flatMap(({ width, height }) => [width, height]);
        expect(sides.filter((side) => !(Number.isInteger(side) && side >= 0))).toEqual([]);
      }),
    );
  });

  it('is read where nothing is broken', () => {
    expect(scanWav(wav, wav.length).ok).toBe(true);
    expect(readFlacHeader(flac)).not.toBeNull();
    expect(readJpegHeader(jpeg)).toMatchObject({ width: 32, height: 16 });
  });
});
