/** What decides the size of a model of decoder layers. */
export interface ModelShape {
  layers: number;
  hidden: number;
  inter: number;
  vocabulary: number;
  /** Of one weight: 16 for floats, about 4.5 for the usual quantised ones, 1.6 for ternary ones. */
  bits: number;
}

/** What a load takes besides the weights themselves. */
const loadMarginRatio = 0.12;

/**
 * Layers x (4 h^2 + 3 h x inter), the four projections of attention and the three matrices of the
 * feed-forward part, + embedding and output head of vocabulary x h each; h: hidden width.
 */
export function weightsBytesOf({ layers, hidden, inter, vocabulary, bits }: ModelShape): number {
  const inLayers = layers * (4 * hidden * hidden + 3 * hidden * inter);
  const atTheEnds = 2 * vocabulary * hidden;
  return Math.ceil(((inLayers + atTheEnds) * bits) / 8);
}

/** Bytes that the process needs for weights of this size. */
export function estimateBytes(weightsBytes: number): number {
  return Math.ceil(weightsBytes * (1 + loadMarginRatio));
}
