import { open } from 'node:fs/promises';
import { decodeAudioCode } from '../../../../base/audio-code.ts';
import { anonBytesOf } from '../../../memory.ts';
import { touchPages } from '../../../pages.ts';
import { audioSecondsOf, type WavInfo } from '../../../wav.ts';

const sliceBytes = 1024 ** 2;

/** Of full scale, as a mean: -60 dB. */
const silenceRatio = 0.001;
/** One sample of so many is enough to tell silence. */
const silenceStride = 16;

async function readSamples(path: string, wav: WavInfo): Promise<Int16Array> {
  const bytes = Buffer.allocUnsafeSlow(wav.dataBytes);
  const file = await open(path, 'r');
  try {
    let filled = 0;
    while (filled < bytes.length) {
      const length = Math.min(sliceBytes, bytes.length - filled);
      const { bytesRead } = await file.read(bytes, filled, length, wav.dataOffset + filled);
      if (bytesRead === 0) {
        throw new Error(`the spool file ended after ${filled} of ${bytes.length} bytes`);
      }
      filled += bytesRead;
    }
  } finally {
    await file.close();
  }
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
}

function toFloat32(samples: Int16Array): Float32Array {
  const held = Buffer.allocUnsafeSlow(samples.length * 4);
  const floats = new Float32Array(held.buffer, held.byteOffset, samples.length);
  for (let index = 0; index < samples.length; index += 1) {
    floats[index] = (samples[index] ?? 0) / 32_768;
  }
  return floats;
}

function isSilence(samples: Int16Array): boolean {
  let sum = 0;
  for (let index = 0; index < samples.length; index += silenceStride) {
    sum += Math.abs(samples[index] ?? 0);
  }
  return sum / Math.ceil(samples.length / silenceStride) < silenceRatio * 32_768;
}

export interface Transcript {
  text: string;
  /** Nothing was said in it and hardly a sound is there. */
  isSilent: boolean;
  peakAnonBytes: number | null;
}

/**
 * Decodes one clip and calls `compute` while all of its memory is held: the samples, the whole
 * clip as float32 and the decoder's state, as the servers do that this one stands for.
 */
export async function transcribe(
  path: string,
  wav: WavInfo,
  bytesPerAudioMinute: number,
  compute: (samples: Float32Array) => Promise<void>,
): Promise<Transcript> {
  const samples = await readSamples(path, wav);
  const floats = toFloat32(samples);
  const state = Buffer.allocUnsafeSlow(Math.floor((audioSecondsOf(wav) / 60) * bytesPerAudioMinute));
  touchPages(state);
  const code = decodeAudioCode(samples, wav.sampleRate);
  const peakAnonBytes = anonBytesOf('self');
  await compute(floats);
  // Read after the wait, or the optimizer may let the buffers go before it.
  const isHeld = floats.length === samples.length && state.length >= 0;
  return {
    text: isHeld && code !== null ? code.words.join(' ') : '',
    isSilent: code === null && isSilence(samples),
    peakAnonBytes,
  };
}
