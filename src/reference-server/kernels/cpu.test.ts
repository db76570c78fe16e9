import { describe, expect, it } from 'vitest';
import { createCpuKernels } from './cpu.ts';
import { frameCount, logMelShape } from './log-mel.ts';

const { bands, sampleRate } = logMelShape;
const kernels = createCpuKernels();

function tone(hertz: number, samples: number): Float32Array {
  return Float32Array.from({ length: samples }, (_, index) => Math.sin((2 * Math.PI * hertz * index) / sampleRate));
}

function loudestBand(logMel: Float32Array, frame: number): number {
  const row = logMel.subarray(frame * bands, (frame + 1) * bands);
  return row.indexOf(Math.max(...row));
}

describe('frameCount', () => {
  it.each([
    [0, 0, 'nothing'],
    [399, 0, 'one sample short of a window'],
    [400, 1, 'one window'],
    [559, 1, 'one sample short of the next'],
    [560, 2, 'two windows'],
    [16_000, 98, 'a second'],
  ])('of %i samples is %i (%s)', (samples, frames) => {
    expect(frameCount(samples)).toBe(frames);
  });
});

describe('logMel on the processor', () => {
  // Centre of band b: 700 (10^(m/2595) - 1) with m = (b + 1) mel(8 kHz) / 81.
  it.each([
    [440, 15],
    [1000, 28],
    [4000, 60],
  ])('finds a tone of %i Hz in band %i', async (hertz, band) => {
    const logMel = await kernels.logMel(tone(hertz, 16_000));
    expect(logMel).toHaveLength(98 * bands);
    expect([loudestBand(logMel, 0), loudestBand(logMel, 97)]).toEqual([band, band]);
  });

  it('puts silence at the least power', async () => {
    const logMel = await kernels.logMel(new Float32Array(400));
    expect([...new Set(logMel)]).toEqual([-10]);
  });

  it('rises by 2 for ten times the amplitude', async () => {
    const quiet = await kernels.logMel(tone(1000, 400).map((value) => value / 10));
    const loud = await kernels.logMel(tone(1000, 400));
    expect((loud[28] ?? 0) - (quiet[28] ?? 0)).toBeCloseTo(2, 3);
  });
});

describe('matmul on the processor', () => {
  it('multiplies rows with columns', async () => {
    const product = await kernels.matmul(Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8), 2);
    expect([...product]).toEqual([19, 22, 43, 50]);
  });

  it.each([
    [2, 'the wrong size'],
    [0, 'no size'],
    [1.5, 'half a row'],
  ])('refuses size %d for 9 values (%s)', async (size) => {
    const nine = new Float32Array(9);
    await expect(kernels.matmul(nine, nine, size)).rejects.toMatchObject({ deviceCode: 1 });
  });
});

describe('normalise on the processor', () => {
  it('makes planes of -1..1 out of pixels', async () => {
    const planes = await kernels.normalise(Uint8Array.of(0, 255, 51, 255, 0, 204), 2, 1);
    expect([...planes].map((value) => Math.round(value * 1000) / 1000)).toEqual([-1, 1, 1, -1, -0.6, 0.6]);
  });

  it('refuses bytes that are not the pixels of the image', async () => {
    await expect(kernels.normalise(new Uint8Array(5), 2, 1)).rejects.toMatchObject({ deviceCode: 1 });
  });
});
