/** Speech front end: 25 ms Hann windows every 10 ms at 16 kHz, 80 mel bands up to 8 kHz. */
export const logMelShape = {
  sampleRate: 16_000,
  windowSamples: 400,
  hopSamples: 160,
  /** The window, filled up with zeros to a power of two. */
  fftPoints: 512,
  bins: 257,
  bands: 80,
} as const;

/** Least power of a band before its logarithm, so that silence stays finite. */
export const leastPower = 1e-10;

/** Whole windows in so many samples. */
export function frameCount(samples: number): number {
  const { windowSamples, hopSamples } = logMelShape;
  return samples < windowSamples ? 0 : 1 + Math.floor((samples - windowSamples) / hopSamples);
}

export function hannWindow(): Float32Array {
  const { windowSamples } = logMelShape;
  return Float32Array.from(
    { length: windowSamples },
    (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / windowSamples),
  );
}

/** One period of cosine, then one of sine, each of `fftPoints` values. */
export function twiddles(): Float32Array {
  const { fftPoints } = logMelShape;
  const angle = (index: number): number => (2 * Math.PI * index) / fftPoints;
  return Float32Array.from({ length: 2 * fftPoints }, (_, index) =>
    index < fftPoints ? Math.cos(angle(index)) : Math.sin(angle(index - fftPoints)),
  );
}

// Mel = 2595 log10(1 + Hz / 700): O'Shaughnessy, Speech Communication (1987).
function melOf(hertz: number): number {
  return 2595 * Math.log10(1 + hertz / 700);
}

function hertzOf(mel: number): number {
  return 700 * (10 ** (mel / 2595) - 1);
}

/** Triangles over the bins, `bands` rows of `bins` weights; neighbours meet at each other's centre. */
export function melFilters(): Float32Array {
  const { bands, bins, fftPoints, sampleRate } = logMelShape;
  const step = melOf(sampleRate / 2) / (bands + 1);
  const edge = (index: number): number => hertzOf(index * step);
  return Float32Array.from({ length: bands * bins }, (_, index) => {
    const band = Math.floor(index / bins);
    const hertz = ((index % bins) * sampleRate) / fftPoints;
    const [low, centre, high] = [edge(band), edge(band + 1), edge(band + 2)];
    return Math.max(0, Math.min((hertz - low) / (centre - low), (high - hertz) / (high - centre)));
  });
}
