import { type BitReader, FlacFault } from './bit-reader.ts';

/** Weights of the predictors of order 0 to 4 that need no coefficients in the file (RFC 9639, section 9.2.5). */
const fixedWeights: readonly (readonly number[])[] = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

function readWarmUp(reader: BitReader, samples: Int32Array, order: number, bits: number): void {
  for (let index = 0; index < order; index += 1) {
    samples[index] = reader.readSigned(bits);
  }
}

/** Fills `samples` from `order` on with what the prediction was wrong by: partitions of Rice codes. */
function readResidual(reader: BitReader, samples: Int32Array, order: number): void {
  const method = reader.read(2);
  if (method > 1) {
    throw new FlacFault('uses a coding of residuals that does not exist');
  }
  const parameterBits = method === 0 ? 4 : 5;
  const escapeCode = method === 0 ? 15 : 31;
  const partitions = 1 << reader.read(4);
  const partitionSamples = Math.floor(samples.length / partitions);
  let index = order;
  for (let partition = 1; partition <= partitions; partition += 1) {
    const end = partition * partitionSamples;
    const parameter = reader.read(parameterBits);
    if (parameter === escapeCode) {
      const bits = reader.read(5);
      for (; index < end; index += 1) {
        samples[index] = bits === 0 ? 0 : reader.readSigned(bits);
      }
    } else {
      for (; index < end; index += 1) {
        const folded = ((reader.readUnary() << parameter) | reader.read(parameter)) >>> 0;
        samples[index] = (folded >>> 1) ^ -(folded & 1);
      }
    }
  }
}

function predict(samples: Int32Array, weights: readonly number[], shift: number): void {
  // Sums may pass 32 bits; as doubles they stay whole, and a power of two divides them without error.
  const scale = 1 / (1 << shift);
  for (let index = weights.length; index < samples.length; index += 1) {
    let sum = 0;
    for (let tap = 0; tap < weights.length; tap += 1) {
      sum += (weights[tap] as number) * (samples[index - 1 - tap] as number);
    }
    samples[index] = (samples[index] as number) + Math.floor(sum * scale);
  }
}

function readLinear(reader: BitReader, samples: Int32Array, order: number, bits: number): void {
  readWarmUp(reader, samples, order, bits);
  const precision = reader.read(4) + 1;
  const shift = reader.readSigned(5);
  if (precision === 16 || shift < 0) {
    throw new FlacFault('has a predictor that does not exist');
  }
  const weights = Array.from({ length: order }, () => reader.readSigned(precision));
  readResidual(reader, samples, order);
  predict(samples, weights, shift);
}

/** Decodes one channel of one frame into `samples`; `bits` is the width of a sample (RFC 9639, section 9.2). */
export function readSubframe(reader: BitReader, samples: Int32Array, bits: number): void {
  reader.read(1);
  const type = reader.read(6);
  const wastedBits = reader.read(1) === 0 ? 0 : reader.readUnary() + 1;
  const width = bits - wastedBits;
  if (width < 1) {
    throw new FlacFault('has samples without bits');
  }
  if (type === 0) {
    samples.fill(reader.readSigned(width));
  } else if (type === 1) {
    readWarmUp(reader, samples, samples.length, width);
  } else if (type >= 8 && type <= 12) {
    const order = type - 8;
    readWarmUp(reader, samples, order, width);
    readResidual(reader, samples, order);
    predict(samples, fixedWeights[order] ?? [], 0);
  } else if (type >= 32) {
    readLinear(reader, samples, type - 31, width);
  } else {
    throw new FlacFault('has a kind of subframe that does not exist');
  }
  if (wastedBits > 0) {
    for (let index = 0; index < samples.length; index += 1) {
      samples[index] = (samples[index] as number) << wastedBits;
    }
  }
}
