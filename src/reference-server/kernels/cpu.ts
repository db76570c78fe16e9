import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DeviceKernels } from '../device/device.ts';
import { createFft } from './fft.ts';
import { frameCount, hannWindow, leastPower, logMelShape, melFilters, twiddles } from './log-mel.ts';
import { checkMatrices, checkPixels } from './shapes.ts';

/** Steps between two turns of the event loop: a few ms each, so that a worker hears a cancel. */
const framesPerTurn = 128;
const productsPerTurn = 4_000_000;
const pixelsPerTurn = 1_000_000;

async function inTurns(count: number, perTurn: number, step: (from: number, to: number) => void): Promise<void> {
  for (let from = 0; from < count; from += perTurn) {
    step(from, Math.min(count, from + perTurn));
    await nextTurn();
  }
}

type FrameWriter = (samples: Float32Array, frame: number, bands: Float32Array) => void;

function createFrameWriter(): FrameWriter {
  const { bands: bandCount, bins, fftPoints, hopSamples, windowSamples } = logMelShape;
  const tables = twiddles();
  const transform = createFft(tables.subarray(0, fftPoints), tables.subarray(fftPoints));
  const window = hannWindow();
  const filters = melFilters();
  const real = new Float64Array(fftPoints);
  const imaginary = new Float64Array(fftPoints);
  return (samples, frame, bands) => {
    real.fill(0);
    imaginary.fill(0);
    for (let index = 0; index < windowSamples; index += 1) {
      real[index] = (samples[frame * hopSamples + index] ?? 0) * (window[index] ?? 0);
    }
    transform(real, imaginary);
    for (let bin = 0; bin < bins; bin += 1) {
      real[bin] = (real[bin] ?? 0) ** 2 + (imaginary[bin] ?? 0) ** 2;
    }
    for (let band = 0; band < bandCount; band += 1) {
      let power = 0;
      for (let bin = 0; bin < bins; bin += 1) {
        power += (filters[band * bins + bin] ?? 0) * (real[bin] ?? 0);
      }
      bands[frame * bandCount + band] = Math.log10(Math.max(leastPower, power));
    }
  };
}

function multiplyRows(product: Float32Array, left: Float32Array, right: Float32Array, size: number) {
  return (from: number, to: number): void => {
    for (let row = from; row < to; row += 1) {
      for (let inner = 0; inner < size; inner += 1) {
        const factor = left[row * size + inner] ?? 0;
        for (let column = 0; column < size; column += 1) {
          const at = row * size + column;
          product[at] = (product[at] ?? 0) + factor * (right[inner * size + column] ?? 0);
        }
      }
    }
  };
}

/** The kernels of `kernels.cu` on the processor, for a device without one. */
export function createCpuKernels(): DeviceKernels {
  let writeFrame: FrameWriter | null = null;
  return {
    async logMel(samples) {
      writeFrame ??= createFrameWriter();
      const write = writeFrame;
      const frames = frameCount(samples.length);
      const bands = new Float32Array(frames * logMelShape.bands);
      await inTurns(frames, framesPerTurn, (from, to) => {
        for (let frame = from; frame < to; frame += 1) {
          write(samples, frame, bands);
        }
      });
      return bands;
    },
    async matmul(left, right, size) {
      checkMatrices(left, right, size);
      const product = new Float32Array(size * size);
      const rowsPerTurn = Math.max(1, Math.floor(productsPerTurn / (size * size)));
      await inTurns(size, rowsPerTurn, multiplyRows(product, left, right, size));
      return product;
    },
    async normalise(pixels, width, height) {
      checkPixels(pixels, width, height);
      const planeSize = width * height;
      const planes = new Float32Array(3 * planeSize);
      await inTurns(planeSize, pixelsPerTurn, (from, to) => {
        for (let pixel = from; pixel < to; pixel += 1) {
          for (let plane = 0; plane < 3; plane += 1) {
            planes[plane * planeSize + pixel] = Math.fround((pixels[3 * pixel + plane] ?? 0) / 127.5) - 1;
          }
        }
      });
      return planes;
    },
  };
}
