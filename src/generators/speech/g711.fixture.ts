/**
 * ITU-T G.711 both ways, from its tables of decision values: an 8-bit code is a sign, a segment of
 * eight and a step of sixteen within it. Samples have 16 bits.
 */
export function throughMuLaw(sample: number): number {
  return muLawSample(muLawCode(sample));
}

function muLawCode(sample: number): number {
  const magnitude = Math.min(8158, Math.abs(sample) >> 2) + 33;
  let segment = 0;
  while (magnitude >= 64 << segment) {
    segment += 1;
  }
  return (sample < 0 ? 128 : 0) | (segment << 4) | ((magnitude >> (segment + 1)) & 15);
}

/** The sample that a code stands for; the transmitted byte has all bits inverted. */
export function muLawSample(code: number): number {
  const magnitude = ((((code & 15) * 2 + 33) << ((code >> 4) & 7)) - 33) * 4;
  return (code & 128) === 0 ? magnitude : -magnitude;
}

/** The first two segments of A-law have steps of one size, so that a step never falls below 2 of 4,096. */
export function throughALaw(sample: number): number {
  const magnitude = Math.min(4095, (sample < 0 ? ~sample : sample) >> 3);
  let segment = 1;
  while (segment < 7 && magnitude >= 32 << segment) {
    segment += 1;
  }
  const step = 1 << segment;
  const level = (Math.floor(magnitude / step) * step + step / 2) * 8;
  return sample < 0 ? -level : level;
}
