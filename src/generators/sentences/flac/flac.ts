import { createHash } from 'node:crypto';
import { type FlacHeader, readFlacHeader } from '../../../base/flac-header.ts';
import { groupedDigits } from '../../../base/grouped-digits.ts';
import type { MonoSound } from '../../../base/wav-pcm.ts';
import { type BitReader, createBitReader, FlacFault } from './bit-reader.ts';
import { readSubframe } from './subframe.ts';

const leftSide = 8;
const sideRight = 9;
const midSide = 10;
/** Wider samples would not leave room for a side channel in the 32 bits of the reader. */
const widestBits = 24;
/** Half an hour at 16 kHz: no utterance is as long, and memory stays bounded. */
const mostSamples = 32 * 1024 * 1024;

/** Where the frames begin: after the last block of metadata. */
function skipMetadata(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = 4;
  for (let isLast = false; !isLast; ) {
    if (at + 4 > file.length) {
      throw new FlacFault('ends before its first sample');
    }
    const head = view.getUint32(at);
    isLast = head >>> 31 === 1;
    at += 4 + (head & 0xff_ffff);
  }
  return at;
}

function readBlockSize(reader: BitReader, code: number): number {
  if (code === 0) {
    throw new FlacFault('has a block size that does not exist');
  }
  if (code === 6 || code === 7) {
    return reader.read(code === 6 ? 8 : 16) + 1;
  }
  return code === 1 ? 192 : code < 6 ? 144 << code : 1 << code;
}

/** The number of the frame or of its first sample, coded like a letter of UTF-8; it is not needed here. */
function skipCodedNumber(reader: BitReader): void {
  const following = Math.max(0, Math.clz32(~(reader.read(8) << 24)) - 1);
  for (let index = 0; index < following; index += 1) {
    reader.read(8);
  }
}

/** Turns two channels back into left and right (RFC 9639, section 4.2). */
function undoStereo(assignment: number, first: Int32Array, second: Int32Array): void {
  for (let index = 0; index < first.length; index += 1) {
    const a = first[index] as number;
    const b = second[index] as number;
    if (assignment === leftSide) {
      second[index] = a - b;
    } else if (assignment === sideRight) {
      first[index] = a + b;
    } else {
      const mid = a * 2 + (b & 1);
      first[index] = (mid + b) / 2;
      second[index] = (mid - b) / 2;
    }
  }
}

/** Decodes the frame at the reader into all channels from `start` on; returns its number of samples. */
function readFrame(reader: BitReader, header: FlacHeader, channels: readonly Int32Array[], start: number): number {
  if (reader.read(15) !== 0x7ffc) {
    throw new FlacFault('is damaged between two frames');
  }
  reader.read(1);
  const sizeCode = reader.read(4);
  const rateCode = reader.read(4);
  const assignment = reader.read(4);
  reader.read(4);
  skipCodedNumber(reader);
  const size = readBlockSize(reader, sizeCode);
  reader.read(rateCode === 12 ? 8 : rateCode > 12 ? 16 : 0);
  const headerCrcBits = 8;
  reader.read(headerCrcBits);
  const count = assignment < leftSide ? assignment + 1 : 2;
  if (count !== channels.length || assignment > midSide || start + size > (channels[0]?.length ?? 0)) {
    throw new FlacFault('has a frame that does not fit its header');
  }
  const parts = channels.map((channel) => channel.subarray(start, start + size));
  for (const [index, part] of parts.entries()) {
    const isSide = assignment === sideRight ? index === 0 : assignment >= leftSide && index === 1;
    readSubframe(reader, part, header.bitsPerSample + (isSide ? 1 : 0));
  }
  const [first, second] = parts;
  if (assignment >= leftSide && first !== undefined && second !== undefined) {
    undoStereo(assignment, first, second);
  }
  reader.align();
  const frameCrcBits = 16;
  reader.read(frameCrcBits);
  return size;
}

/** A damaged predictor runs away, and then no sample is one. */
function refuseTooLoud(channels: readonly Int32Array[], bitsPerSample: number): void {
  const loudest = 1 << (bitsPerSample - 1);
  if (channels.some((channel) => channel.some((value) => value < -loudest || value >= loudest))) {
    throw new FlacFault('is damaged: its samples have more bits than it says');
  }
}

/** The file's own checksum covers the samples of all channels in turns, little-endian, in whole bytes. */
function md5Of(channels: readonly Int32Array[], bitsPerSample: number): string {
  const width = Math.ceil(bitsPerSample / 8);
  const count = channels[0]?.length ?? 0;
  const bytes = Buffer.alloc(count * channels.length * width);
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    for (const channel of channels) {
      bytes.writeIntLE(channel[index] as number, at, width);
      at += width;
    }
  }
  return createHash('md5').update(bytes).digest('hex');
}

function mixDown(channels: readonly Int32Array[], bitsPerSample: number): Int16Array {
  const scale = (channels.length * (1 << bitsPerSample)) / 65_536;
  return Int16Array.from({ length: channels[0]?.length ?? 0 }, (_, index) => {
    const sum = channels.reduce((all, channel) => all + (channel[index] as number), 0);
    return Math.min(32_767, Math.floor(sum / scale + 0.5));
  });
}

function decode(file: Uint8Array, header: FlacHeader, samples: number): MonoSound {
  const channels = Array.from({ length: header.channels }, () => new Int32Array(samples));
  const reader = createBitReader(file, skipMetadata(file));
  for (let start = 0; start < samples; ) {
    start += readFrame(reader, header, channels, start);
  }
  refuseTooLoud(channels, header.bitsPerSample);
  if (header.md5 !== null && header.md5 !== md5Of(channels, header.bitsPerSample)) {
    throw new FlacFault('is damaged: its samples do not match its checksum');
  }
  return { sampleRate: header.sampleRate, pcm: mixDown(channels, header.bitsPerSample) };
}

/**
 * A whole FLAC file (RFC 9639) as sound of one channel with 16 bits, checked against the checksum within.
 * `unusable` is a sentence that begins with "the".
 */
export function readFlacPcm(file: Uint8Array): MonoSound | { unusable: string } {
  const header = readFlacHeader(file);
  if (header?.samples === undefined || header.samples === null || header.sampleRate === 0) {
    return { unusable: 'the FLAC file is damaged or does not say how many samples it has.' };
  }
  if (header.bitsPerSample > widestBits) {
    return {
      unusable: `the FLAC file has samples of ${header.bitsPerSample} bits; at most ${widestBits} can be read.`,
    };
  }
  if (header.samples > mostSamples) {
    return {
      unusable: `the FLAC file has ${groupedDigits(header.samples)} samples; at most ${groupedDigits(mostSamples)} can be read.`,
    };
  }
  try {
    return decode(file, header, header.samples);
  } catch (error: unknown) {
    if (error instanceof FlacFault) {
      return { unusable: `the FLAC file ${error.message}.` };
    }
    throw error;
  }
}
