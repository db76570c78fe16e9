import { groupedDigits } from './grouped-digits.ts';

/** Encodings by their number in the format chunk (RFC 2361): PCM, IEEE float, A-law, mu-law. */
export const wavEncodings = { pcm: 1, float: 3, aLaw: 6, muLaw: 7 } as const;
/** The real encoding stands in the first word of the sub-format. */
const extensible = 0xfffe;
/** What a writer to a pipe puts where it cannot yet know the length. */
const unknownLength = 0xffff_ffff;

/** How the samples of a RIFF WAVE file are written and where they lie, all checked against the file's length. */
export interface WavLayout {
  /** One of `wavEncodings`, or another that only its own codec can read. */
  encoding: number;
  channels: number;
  /** Hz; never 0. */
  sampleRate: number;
  bitsPerSample: number;
  /** Bytes of one sample of all channels; never 0. */
  frameBytes: number;
  dataOffset: number;
  /** Whole frames only; at least one. */
  dataBytes: number;
}

export type WavFault = 'empty_file' | 'invalid_audio' | 'truncated_audio' | 'empty_audio' | 'unsupported_audio';

/** `message` is a sentence that begins with "the" and can follow the name of the file. */
export type WavScan = { ok: true; wav: WavLayout } | { ok: false; fault: WavFault; message: string };

type WavFormat = Omit<WavLayout, 'dataOffset' | 'dataBytes'>;

function refuse(fault: WavFault, message: string): WavScan {
  return { ok: false, fault, message };
}

function tagAt(head: DataView, offset: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => head.getUint8(offset + index)));
}

function formatAt(head: DataView, offset: number): WavFormat {
  const encoding = head.getUint16(offset, true);
  return {
    encoding: encoding === extensible && offset + 26 <= head.byteLength ? head.getUint16(offset + 24, true) : encoding,
    channels: head.getUint16(offset + 2, true),
    sampleRate: head.getUint32(offset + 4, true),
    bitsPerSample: head.getUint16(offset + 14, true),
    frameBytes: head.getUint16(offset + 12, true),
  };
}

function locateData(format: WavFormat | null, dataOffset: number, declaredBytes: number, fileBytes: number): WavScan {
  if (format === null) {
    return refuse('invalid_audio', 'the WAV file has samples before it says how they are written.');
  }
  if (format.sampleRate === 0 || format.frameBytes === 0) {
    return refuse(
      'unsupported_audio',
      `the WAV file says that its ${format.sampleRate === 0 ? 'sample rate' : 'frame length'} is 0.`,
    );
  }
  if (declaredBytes < format.frameBytes) {
    return refuse('empty_audio', 'the WAV file holds no sample.');
  }
  if (dataOffset + declaredBytes > fileBytes) {
    return refuse(
      'truncated_audio',
      declaredBytes === unknownLength
        ? 'the WAV file does not say how long it is, as when a program wrote it to a pipe.'
        : `the WAV file says ${groupedDigits(declaredBytes)} bytes of samples, but only ${groupedDigits(fileBytes - dataOffset)} follow.`,
    );
  }
  return { ok: true, wav: { ...format, dataOffset, dataBytes: declaredBytes - (declaredBytes % format.frameBytes) } };
}

export function isWav(head: Uint8Array): boolean {
  const start = Buffer.from(head.subarray(0, 12)).toString('latin1');
  return start.startsWith('RIFF') && start.startsWith('WAVE', 8);
}

/** Walks the RIFF chunks in the first bytes of a file of `fileBytes`; never throws. */
export function scanWav(headBytes: Uint8Array, fileBytes: number): WavScan {
  const head = new DataView(headBytes.buffer, headBytes.byteOffset, headBytes.byteLength);
  if (fileBytes === 0) {
    return refuse('empty_file', 'the file has 0 bytes.');
  }
  if (!isWav(headBytes)) {
    return refuse('invalid_audio', 'the file is no RIFF WAVE.');
  }
  let format: WavFormat | null = null;
  let offset = 12;
  while (offset + 8 <= head.byteLength) {
    const tag = tagAt(head, offset);
    const chunkBytes = head.getUint32(offset + 4, true);
    if (tag === 'data') {
      return locateData(format, offset + 8, chunkBytes, fileBytes);
    }
    if (tag === 'fmt ') {
      if (chunkBytes < 16 || offset + 24 > head.byteLength) {
        return refuse('invalid_audio', 'the WAV file is damaged: it does not say how its samples are written.');
      }
      format = formatAt(head, offset + 8);
    }
    offset += 8 + chunkBytes + (chunkBytes % 2);
  }
  return refuse('invalid_audio', `the WAV file has no samples in its first ${groupedDigits(head.byteLength)} bytes.`);
}

/** Seconds of audio. */
export function wavSecondsOf(wav: WavLayout): number {
  return wav.dataBytes / wav.frameBytes / wav.sampleRate;
}

/** Bytes of the header that `wavHeaderOf` writes. */
export const wavHeaderBytes = 44;

/** The header of a clip of one channel with 16 bits; `samples` little-endian words follow it. */
export function wavHeaderOf(sampleRate: number, samples: number): Uint8Array {
  const header = Buffer.alloc(wavHeaderBytes);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(wavHeaderBytes - 8 + samples * 2, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(wavEncodings.pcm, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples * 2, 40);
  return header;
}
