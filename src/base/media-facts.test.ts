import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mediaFactsOf, mediaHeadBytes } from './media-facts.ts';
import { wavHeaderOf } from './wav.ts';

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** A PCM clip of one channel with 16 bits, silent. */
function wav(sampleRate: number, samples: number): Buffer {
  return Buffer.concat([wavHeaderOf(sampleRate, samples), Buffer.alloc(samples * 2)]);
}

function patched(bytes: Buffer, edit: (bytes: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  edit(copy);
  return copy;
}

/** 16,000 Hz, 1 channel, 16 bits; the sample count is 36 bits wide. */
function flac(samples: bigint): Buffer {
  const header = Buffer.alloc(42);
  header.write('fLaC', 'latin1');
  header.writeUInt32BE(34, 4);
  header.writeBigUInt64BE((16_000n << 44n) | (15n << 36n) | samples, 18);
  return header;
}

function segment(marker: number, payload: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([head, payload]);
}

function frameHeader(marker: number, width: number, height: number): Buffer {
  const payload = Buffer.from([8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
  payload.writeUInt16BE(height, 1);
  payload.writeUInt16BE(width, 3);
  return segment(marker, payload);
}

const startOfImage = Buffer.from([0xff, 0xd8]);
const exif = segment(0xe1, Buffer.concat([latin1('Exif\0\0'), startOfImage, frameHeader(0xc0, 160, 120)]));
const jpeg = Buffer.concat([startOfImage, exif, segment(0xdb, Buffer.alloc(65)), frameHeader(0xc0, 4096, 3072)]);
const fourBigSegments = Array.from({ length: 5 }, () => segment(0xe2, Buffer.alloc(65_000)));
const deepJpeg = Buffer.concat([startOfImage, ...fourBigSegments, frameHeader(0xc0, 640, 480)]);

function png(width: number, height: number): Buffer {
  const bytes = Buffer.concat([latin1('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'), Buffer.alloc(17)]);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

const list = latin1('LIST\x03\0\0\0abc\0');
const tagged = Buffer.concat([wav(8000, 800).subarray(0, 36), list, wav(8000, 800).subarray(36)]);

describe('mediaFactsOf', () => {
  const usable: readonly [what: string, bytes: Buffer, mediaType: string, traits: Record<string, number>][] = [
    ['a WAV clip', wav(8000, 1600), 'audio/wav', { audioSeconds: 0.2 }],
    ['a WAV clip with tags before its samples', tagged, 'audio/wav', { audioSeconds: 0.1 }],
    ['a FLAC header', flac(40_000n), 'audio/flac', { audioSeconds: 2.5 }],
    ['a FLAC of more than 2^32 samples', flac(0x1_0000_0000n), 'audio/flac', { audioSeconds: 268_435.456 }],
    ['a JPEG behind its thumbnail', jpeg, 'image/jpeg', { width: 4096, height: 3072, pixels: 12_582_912 }],
    [
      'a progressive JPEG',
      Buffer.concat([startOfImage, frameHeader(0xc2, 31, 7)]),
      'image/jpeg',
      { width: 31, height: 7, pixels: 217 },
    ],
    [
      'a JPEG with fill bytes before a marker',
      Buffer.concat([startOfImage, Buffer.from([0xff, 0xff]), frameHeader(0xc1, 2, 3)]),
      'image/jpeg',
      { width: 2, height: 3, pixels: 6 },
    ],
    ['a PNG', png(640, 480), 'image/png', { width: 640, height: 480, pixels: 307_200 }],
    ['a text with letters of two bytes', Buffer.from('fünf Wörter\n'), 'text/plain', { characters: 12 }],
    ['an emoji, which is one character', Buffer.from('\u{1f600}'), 'text/plain', { characters: 1 }],
    ['a text that begins like a WAV', Buffer.from('RIFF raff'), 'text/plain', { characters: 9 }],
    ['a text that begins like an MP3 tag', Buffer.from('ID3 tags are dull'), 'text/plain', { characters: 17 }],
  ];
  it.each(usable)('knows %s', (_what, bytes, mediaType, traits) => {
    expect(mediaFactsOf(bytes, bytes.length)).toEqual({ mediaType, traits });
  });

  it('needs only the start of a long file', () => {
    const clip = wav(16_000, 400_000);
    expect(mediaFactsOf(clip.subarray(0, 64), clip.length)).toMatchObject({ traits: { audioSeconds: 25 } });
  });

  it('gives no number of characters for a text that it saw in part, even one cut within a letter', () => {
    const text = Buffer.from('ää');
    expect(mediaFactsOf(text.subarray(0, 3), 4)).toEqual({ mediaType: 'text/plain', traits: {} });
  });

  const refused: readonly [what: string, bytes: Buffer, says: string][] = [
    ['a file of 0 bytes', Buffer.alloc(0), 'the file has 0 bytes.'],
    [
      'a WAV clip that lost its end',
      wav(16_000, 200_000).subarray(0, 56),
      'the WAV file says 400,000 bytes of samples, but only 12 follow.',
    ],
    ['a WAV header alone', wav(16_000, 0), 'the WAV file holds no sample.'],
    ['a WAV header that is cut', wav(16_000, 1).subarray(0, 30), 'the WAV file is damaged: it does not say how'],
    ['a WAV without samples', wav(16_000, 1).subarray(0, 36), 'the WAV file has no samples in its first 36 bytes.'],
    [
      'a WAV written to a pipe',
      patched(wav(16_000, 9), (bytes) => bytes.writeUInt32LE(0xffffffff, 40)),
      'the WAV file does not say how long it is',
    ],
    [
      'a WAV of another codec',
      patched(wav(16_000, 9), (bytes) => bytes.writeUInt16LE(85, 20)),
      'the WAV file holds encoding 85, not PCM',
    ],
    [
      'a WAV of 0 Hz',
      patched(wav(16_000, 9), (bytes) => bytes.writeUInt32LE(0, 24)),
      'the WAV file says that its sample rate is 0.',
    ],
    [
      'a FLAC that is cut in its header',
      flac(9n).subarray(0, 41),
      'the FLAC file is damaged or ends within its header.',
    ],
    ['a FLAC of unknown length', flac(0n), 'the FLAC file does not say how many samples it has.'],
    [
      'a JPEG that is cut',
      jpeg.subarray(0, 100),
      'the JPEG file ends after 100 bytes, before the size of the picture.',
    ],
    [
      'a JPEG whose segments do not join',
      patched(jpeg, (bytes) => bytes.writeUInt16BE(9, 4)),
      'the JPEG file is damaged: its size does not stand where it must.',
    ],
    [
      'a JPEG that leaves its height to its end',
      Buffer.concat([startOfImage, frameHeader(0xc0, 640, 0)]),
      'the JPEG file says that its picture is 640 by 0 pixels.',
    ],
    ['a PNG that is cut', png(1, 1).subarray(0, 20), 'the PNG file ends after 20 bytes'],
    [
      'a PNG that begins with another chunk',
      patched(png(1, 1), (bytes) => bytes.write('CgBI', 12, 'latin1')),
      'the PNG file is damaged',
    ],
    [
      'an MP3 with a tag',
      latin1('ID3\x03\0\0\0\0'),
      'the file is an MP3 file, or begins with the tag of one; use WAV,',
    ],
    ['a bare MP3', latin1('\xff\xfb\x90\0'), 'the file is an MP3 file; use WAV, FLAC, JPEG, PNG or plain text.'],
    ['an M4A', latin1('\0\0\0\x20ftypM4A '), 'the file is an MP4 or M4A file; use'],
    ['a text that is not UTF-8', latin1('f\xfcnf'), 'the file is none of WAV, FLAC, JPEG, PNG or plain text.'],
    ['a text that ends within a letter', Buffer.from('ä').subarray(0, 1), 'the file is none of'],
    ['bytes of no known kind', Buffer.from([1, 2, 3, 4]), 'the file is none of'],
  ];
  it.each(refused)('says of %s why it cannot be used', (_what, bytes, says) => {
    expect(mediaFactsOf(bytes, bytes.length)).toEqual({ unusable: expect.stringContaining(says) as string });
  });

  it('says how much of a JPEG it looked at', () => {
    const head = deepJpeg.subarray(0, mediaHeadBytes);
    expect(mediaFactsOf(head, deepJpeg.length)).toEqual({
      unusable: 'the JPEG file does not give the size of the picture in its first 262,144 bytes.',
    });
    expect(mediaFactsOf(deepJpeg, deepJpeg.length)).toMatchObject({ traits: { pixels: 307_200 } });
  });

  it('never throws, whatever follows a known start', () => {
    const starts = [wav(8000, 4), flac(9n), jpeg, png(2, 2)];
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.nat(120), fc.uint8Array({ maxLength: 80 }), (start, kept, noise) => {
        const bytes = Buffer.concat([start.subarray(0, kept), noise]);
        const found = mediaFactsOf(bytes, bytes.length);
        expect('unusable' in found ? found.unusable.length : Object.values(found.traits).length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });
});
