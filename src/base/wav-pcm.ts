import { groupedDigits } from './grouped-digits.ts';
import { scanWav, type WavLayout, wavEncodings } from './wav.ts';

/** Sound of one channel with 16 bits. */
export interface MonoSound {
  /** Hz. */
  sampleRate: number;
  pcm: Int16Array;
}

/** One sample as a number of 16 bits with a fraction, -32,768 up to but not including 32,768. */
type SampleReader = (bytes: DataView, at: number) => number;

/** ITU-T G.711, table 2a: 13 bits, scaled up to 16. */
function fromALaw(code: number): number {
  const value = code ^ 0x55;
  const exponent = (value >> 4) & 7;
  const mantissa = value & 15;
  const level = exponent === 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1);
  return (value & 0x80) === 0 ? -level : level;
}

/** ITU-T G.711, table 1a: 14 bits, scaled up to 16. */
function fromMuLaw(code: number): number {
  const value = ~code & 0xff;
  const level = ((((value & 15) << 3) + 0x84) << ((value >> 4) & 7)) - 0x84;
  return (value & 0x80) === 0 ? level : -level;
}

function floatSample(value: number): number {
  return Number.isNaN(value) ? 0 : value * 32_768;
}

const readers: Readonly<Record<string, SampleReader>> = {
  [`${wavEncodings.pcm}/8`]: (bytes, at) => (bytes.getUint8(at) - 128) * 256,
  [`${wavEncodings.pcm}/16`]: (bytes, at) => bytes.getInt16(at, true),
  [`${wavEncodings.pcm}/24`]: (bytes, at) => bytes.getInt16(at + 1, true) + bytes.getUint8(at) / 256,
  [`${wavEncodings.pcm}/32`]: (bytes, at) => bytes.getInt32(at, true) / 65_536,
  [`${wavEncodings.float}/32`]: (bytes, at) => floatSample(bytes.getFloat32(at, true)),
  [`${wavEncodings.float}/64`]: (bytes, at) => floatSample(bytes.getFloat64(at, true)),
  [`${wavEncodings.aLaw}/8`]: (bytes, at) => fromALaw(bytes.getUint8(at)),
  [`${wavEncodings.muLaw}/8`]: (bytes, at) => fromMuLaw(bytes.getUint8(at)),
};

/** Mean of all channels, rounded once, half up; louder than 16 bits is cut. */
function mixDown(bytes: DataView, wav: WavLayout, read: SampleReader): Int16Array {
  const sampleBytes = wav.bitsPerSample / 8;
  return Int16Array.from({ length: wav.dataBytes / wav.frameBytes }, (_, frame) => {
    let sum = 0;
    for (let channel = 0; channel < wav.channels; channel += 1) {
      sum += read(bytes, wav.dataOffset + frame * wav.frameBytes + channel * sampleBytes);
    }
    return Math.max(-32_768, Math.min(32_767, Math.floor(sum / wav.channels + 0.5)));
  });
}

/**
 * A whole WAV file as sound of one channel: PCM of 8, 16, 24 or 32 bits, float, A-law or mu-law, plain or extensible.
 * `unusable` is a sentence that begins with "the".
 */
export function readWavPcm(file: Uint8Array): MonoSound | { unusable: string } {
  const scan = scanWav(file, file.length);
  if (!scan.ok) {
    return { unusable: scan.message };
  }
  const { wav } = scan;
  const read = readers[`${wav.encoding}/${wav.bitsPerSample}`];
  if (read === undefined || wav.channels === 0 || wav.frameBytes !== (wav.channels * wav.bitsPerSample) / 8) {
    return {
      unusable: `the WAV file holds encoding ${wav.encoding} with ${wav.bitsPerSample} bits in ${wav.channels} channel(s) and frames of ${groupedDigits(wav.frameBytes)} bytes, which cannot be read.`,
    };
  }
  const bytes = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return { sampleRate: wav.sampleRate, pcm: mixDown(bytes, wav, read) };
}
