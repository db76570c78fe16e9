import { describe, expect, it } from 'vitest';
import { wavHeaderOf } from './wav.ts';
import { readWavPcm } from './wav-pcm.ts';

interface Format {
  encoding: number;
  bits: number;
  channels?: number;
}

function wav({ encoding, bits, channels = 1 }: Format, data: Buffer): Buffer {
  const bytes = Buffer.concat([wavHeaderOf(8000, data.length / 2), data]);
  bytes.writeUInt16LE(encoding, 20);
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt16LE((channels * bits) / 8, 32);
  bytes.writeUInt16LE(bits, 34);
  return bytes;
}

function le(kind: 'Int16LE' | 'Int32LE' | 'FloatLE' | 'DoubleLE', width: number, ...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * width);
  for (const [index, value] of values.entries()) {
    bytes[`write${kind}`](value, index * width);
  }
  return bytes;
}

/** The format chunk with its 24 further bytes; the sub-format's first word is the real encoding. */
function extensible(data: Buffer): Buffer {
  const plain = wav({ encoding: 0xfffe, bits: 16 }, data);
  const more = Buffer.alloc(24);
  more.writeUInt16LE(22, 0);
  more.writeUInt16LE(1, 8);
  const bytes = Buffer.concat([plain.subarray(0, 36), more, plain.subarray(36)]);
  bytes.writeUInt32LE(40, 16);
  return bytes;
}

describe('readWavPcm', () => {
  const rows: readonly [what: string, bytes: Buffer, pcm: number[]][] = [
    ['8 bits, which have no sign', wav({ encoding: 1, bits: 8 }, Buffer.from([0, 128, 255])), [-32_768, 0, 32_512]],
    ['16 bits', wav({ encoding: 1, bits: 16 }, le('Int16LE', 2, -32_768, 5, 32_767)), [-32_768, 5, 32_767]],
    [
      '24 bits, rounded half up',
      wav({ encoding: 1, bits: 24 }, Buffer.from([0x80, 1, 0, 0x7f, 1, 0, 0x80, 0xff, 0xff])),
      [2, 1, 0],
    ],
    [
      '32 bits',
      wav({ encoding: 1, bits: 32 }, le('Int32LE', 4, -2_147_483_648, 65_536 * 7, 2_147_483_647)),
      [-32_768, 7, 32_767],
    ],
    [
      'floats, cut where they are too loud',
      wav({ encoding: 3, bits: 32 }, le('FloatLE', 4, -1, 0.5, 1, 9, Number.NaN)),
      [-32_768, 16_384, 32_767, 32_767, 0],
    ],
    ['floats of 64 bits', wav({ encoding: 3, bits: 64 }, le('DoubleLE', 8, -0.25, 0)), [-8192, 0]],
    [
      'mu-law: the loudest of each sign, the quietest and one between (ITU-T G.711, table 2)',
      wav({ encoding: 7, bits: 8 }, Buffer.from([0x00, 0x80, 0xff, 0x7f, 0xef])),
      [-32_124, 32_124, 0, 0, 132],
    ],
    [
      'A-law: the loudest of each sign, the quietest of each and one between (ITU-T G.711, table 1)',
      wav({ encoding: 6, bits: 8 }, Buffer.from([0x2a, 0xaa, 0xd5, 0x55, 0xc5])),
      [-32_256, 32_256, 8, -8, 264],
    ],
    [
      'two channels, as their mean',
      wav({ encoding: 1, bits: 16, channels: 2 }, le('Int16LE', 2, 10, 20, -3, 0)),
      [15, -1],
    ],
    ['the extensible format', extensible(le('Int16LE', 2, 1, 2)), [1, 2]],
    ['half a frame too much, which is left', wav({ encoding: 1, bits: 16 }, Buffer.from([1, 0, 9, 0])), [1, 9]],
  ];
  it.each(rows)('reads %s', (_what, bytes, pcm) => {
    expect(readWavPcm(bytes)).toEqual({ sampleRate: 8000, pcm: Int16Array.from(pcm) });
  });

  it.each([
    ['a file that is cut', wav({ encoding: 1, bits: 16 }, Buffer.alloc(9)).subarray(0, 50), 'but only 6 follow'],
    ['another codec', wav({ encoding: 17, bits: 16 }, Buffer.alloc(8)), 'encoding 17 with 16 bits in 1 channel(s)'],
    ['12 bits', wav({ encoding: 1, bits: 12 }, Buffer.alloc(8)), 'encoding 1 with 12 bits'],
    ['no channel', wav({ encoding: 1, bits: 16, channels: 0 }, Buffer.alloc(8)), 'frame length is 0'],
    ['no WAV', Buffer.from('fLaC'), 'the file is no RIFF WAVE.'],
  ])('says of %s that it cannot be read', (_what, bytes, says) => {
    expect(readWavPcm(bytes)).toEqual({ unusable: expect.stringContaining(says) as string });
  });
});
