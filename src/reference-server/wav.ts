/** Where the samples lie in a file, all checked against its length. */
export interface WavInfo {
  dataOffset: number;
  dataBytes: number;
  sampleRate: number;
}

export type WavScan = { ok: true; wav: WavInfo } | { ok: false; code: string; message: string };

/** Header chunks are looked for in this many bytes at the start of a file. */
export const wavHeadBytes = 64 * 1024;

function refuse(code: string, message: string): WavScan {
  return { ok: false, code, message };
}

function tagAt(head: DataView, offset: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => head.getUint8(offset + index)));
}

interface WavFormat {
  encoding: number;
  channels: number;
  sampleRate: number;
  bits: number;
}

function formatAt(head: DataView, offset: number): WavFormat {
  const encoding = head.getUint16(offset, true);
  return {
    // WAVE_FORMAT_EXTENSIBLE names the real encoding in the first word of its sub-format.
    encoding: encoding === 0xfffe && offset + 26 <= head.byteLength ? head.getUint16(offset + 24, true) : encoding,
    channels: head.getUint16(offset + 2, true),
    sampleRate: head.getUint32(offset + 4, true),
    bits: head.getUint16(offset + 14, true),
  };
}

function checkFormat(format: WavFormat): WavScan | null {
  const { encoding, channels, sampleRate, bits } = format;
  if (encoding !== 1 || bits !== 16 || channels !== 1) {
    return refuse(
      'unsupported_audio',
      `Encoding ${encoding} with ${channels} channel(s) of ${bits} bits; send PCM, 1 channel, 16 bits.`,
    );
  }
  return sampleRate === 0 ? refuse('unsupported_audio', 'The sample rate is 0.') : null;
}

function locateData(format: WavFormat | null, dataOffset: number, declaredBytes: number, fileBytes: number): WavScan {
  if (format === null) {
    return refuse('invalid_audio', 'The data chunk comes before any fmt chunk.');
  }
  const wrong = checkFormat(format);
  if (wrong !== null) {
    return wrong;
  }
  if (declaredBytes < 2) {
    return refuse('empty_audio', 'The data chunk holds no sample.');
  }
  if (dataOffset + declaredBytes > fileBytes) {
    return refuse(
      'truncated_audio',
      `The data chunk declares ${declaredBytes} bytes, the file holds ${fileBytes - dataOffset}.`,
    );
  }
  return {
    ok: true,
    wav: { dataOffset, dataBytes: declaredBytes - (declaredBytes % 2), sampleRate: format.sampleRate },
  };
}

/** Walks the RIFF chunks in the first bytes of a file of `fileBytes`. */
export function scanWav(headBytes: Uint8Array, fileBytes: number): WavScan {
  const head = new DataView(headBytes.buffer, headBytes.byteOffset, headBytes.byteLength);
  if (fileBytes === 0) {
    return refuse('empty_file', 'The file has 0 bytes.');
  }
  if (head.byteLength < 12 || tagAt(head, 0) !== 'RIFF' || tagAt(head, 8) !== 'WAVE') {
    return refuse('invalid_audio', 'The file is no RIFF WAVE.');
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
        return refuse('invalid_audio', 'The fmt chunk is too short.');
      }
      format = formatAt(head, offset + 8);
    }
    offset += 8 + chunkBytes + (chunkBytes % 2);
  }
  return refuse('invalid_audio', `No data chunk in the first ${head.byteLength} bytes.`);
}

/** Seconds of audio. */
export function audioSecondsOf(wav: WavInfo): number {
  return wav.dataBytes / 2 / wav.sampleRate;
}
