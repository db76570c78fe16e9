/** The first metadata block of a FLAC file (RFC 9639, section 8.2). */
export interface FlacHeader {
  /** Hz. */
  sampleRate: number;
  channels: number;
  bitsPerSample: number;
  /** Per channel; null if the encoder did not know. */
  samples: number | null;
  /** MD5 over the decoded samples, lower-case hex; null if the encoder left it out. */
  md5: string | null;
}

/** The marker, a block's head and the block itself. */
export const flacHeaderBytes = 42;
const noMd5 = '0'.repeat(32);

export function isFlac(head: Uint8Array): boolean {
  return head[0] === 0x66 && head[1] === 0x4c && head[2] === 0x61 && head[3] === 0x43;
}

/** null if the bytes are no FLAC or end within the header. */
export function readFlacHeader(head: Uint8Array): FlacHeader | null {
  if (!isFlac(head) || head.length < flacHeaderBytes || ((head[4] ?? 0) & 0x7f) !== 0) {
    return null;
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  // 20 bits of sample rate, 3 of channels less one, 5 of bits less one, 36 of samples.
  const packed = view.getUint32(18);
  const samples = (packed & 15) * 4_294_967_296 + view.getUint32(22);
  const md5 = Buffer.from(head.subarray(26, flacHeaderBytes)).toString('hex');
  return {
    sampleRate: packed >>> 12,
    channels: ((packed >>> 9) & 7) + 1,
    bitsPerSample: ((packed >>> 4) & 31) + 1,
    samples: samples === 0 ? null : samples,
    md5: md5 === noMd5 ? null : md5,
  };
}
