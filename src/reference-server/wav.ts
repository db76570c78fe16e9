import { scanWav as locateSamples, wavEncodings } from '../base/wav.ts';

/** Where the samples lie in a file, all checked against its length. */
export interface WavInfo {
  dataOffset: number;
  dataBytes: number;
  sampleRate: number;
}

export type WavScan = { ok: true; wav: WavInfo } | { ok: false; code: string; message: string };

/** Header chunks are looked for in this many bytes at the start of a file. */
export const wavHeadBytes = 64 * 1024;

/** What the server decodes: PCM of one channel with 16 bits. */
export function scanWav(headBytes: Uint8Array, fileBytes: number): WavScan {
  const scan = locateSamples(headBytes, fileBytes);
  if (!scan.ok) {
    return { ok: false, code: scan.fault, message: `${scan.message.charAt(0).toUpperCase()}${scan.message.slice(1)}` };
  }
  const { encoding, channels, bitsPerSample, frameBytes, dataOffset, dataBytes, sampleRate } = scan.wav;
  if (encoding !== wavEncodings.pcm || bitsPerSample !== 16 || channels !== 1 || frameBytes !== 2) {
    return {
      ok: false,
      code: 'unsupported_audio',
      message: `Encoding ${encoding} with ${channels} channel(s) of ${bitsPerSample} bits; send PCM, 1 channel, 16 bits.`,
    };
  }
  return { ok: true, wav: { dataOffset, dataBytes, sampleRate } };
}

/** Seconds of audio. */
export function audioSecondsOf(wav: WavInfo): number {
  return wav.dataBytes / 2 / wav.sampleRate;
}
