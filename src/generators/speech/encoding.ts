/** How samples are written: 16-bit linear, or one byte of ITU-T G.711 mu-law, as telephone networks record. */
export type Encoding = 'pcm16' | 'mulaw';

interface EncodingFacts {
  /** The format tag of the WAV header. */
  wavFormat: number;
  sampleBytes: number;
  /** Samples in two bytes. Clips grow by two bytes, so that no encoding needs RIFF's pad byte. */
  stepSamples: number;
  headerBytes: number;
}

/** What is not linear PCM needs a size field in its `fmt ` chunk and a `fact` chunk: 14 bytes more. */
export const encodingFacts: Readonly<Record<Encoding, EncodingFacts>> = {
  pcm16: { wavFormat: 1, sampleBytes: 2, stepSamples: 1, headerBytes: 44 },
  mulaw: { wavFormat: 7, sampleBytes: 1, stepSamples: 2, headerBytes: 58 },
};

const muLawBias = 132;
const muLawClip = 32_635;

/** ITU-T G.711, table 2a, for samples of 16 bits: sign, segment and step within it, all bits inverted. */
export function muLawByte(sample: number): number {
  const magnitude = Math.min(muLawClip, Math.abs(sample)) + muLawBias;
  // The bias makes 128 the least, so that the segment is the place of the highest bit above that one.
  const segment = 24 - Math.clz32(magnitude);
  const step = (magnitude >> (segment + 3)) & 15;
  return ~((sample < 0 ? 128 : 0) | (segment << 4) | step) & 255;
}

/** The same samples as `pcm`, which is 16 bits little-endian. */
export function encodeSamples(pcm: Uint8Array, encoding: Encoding): Uint8Array {
  if (encoding === 'pcm16') {
    return pcm;
  }
  return Uint8Array.from({ length: pcm.length / 2 }, (_, index) => {
    const value = (pcm[index * 2] ?? 0) | ((pcm[index * 2 + 1] ?? 0) << 8);
    return muLawByte((value << 16) >> 16);
  });
}

/** The header of a mono WAV file with so many samples. */
export function wavHeader(encoding: Encoding, sampleRate: number, samples: number): Uint8Array {
  const { wavFormat, sampleBytes, headerBytes } = encodingFacts[encoding];
  const dataBytes = samples * sampleBytes;
  const header = Buffer.alloc(headerBytes);
  const isLinear = encoding === 'pcm16';
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(headerBytes - 8 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(isLinear ? 16 : 18, 16);
  header.writeUInt16LE(wavFormat, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * sampleBytes, 28);
  header.writeUInt16LE(sampleBytes, 32);
  header.writeUInt16LE(sampleBytes * 8, 34);
  if (!isLinear) {
    header.write('fact', 38, 'latin1');
    header.writeUInt32LE(4, 42);
    header.writeUInt32LE(samples, 46);
  }
  header.write('data', headerBytes - 8, 'latin1');
  header.writeUInt32LE(dataBytes, headerBytes - 4);
  return header;
}
