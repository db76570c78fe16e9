import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { logMelShape } from './log-mel.ts';
import { ptx } from './ptx.ts';

const source = readFileSync(new URL('./kernels.cu', import.meta.url), 'utf8');

function constantIn(name: string): number {
  return Number(new RegExp(`^#define ${name} (\\d+)$`, 'm').exec(source)?.[1] ?? Number.NaN);
}

describe('the checked-in PTX', () => {
  it('is taken by drivers from 450 on and compiled for any GPU from 7.5 on', () => {
    expect(ptx.startsWith('.version 7.0\n.target sm_75\n.address_size 64\n')).toBe(true);
  });

  it('holds every kernel of its source, with as many parameters', () => {
    const kernels = [...source.matchAll(/^KERNEL void (\w+)\(([^)]*)\)/gm)].map(([, name = '', parameters = '']) => ({
      name,
      parameters: parameters.split(',').length,
    }));
    const entries = [...ptx.matchAll(/\.entry (\w+)\(([^)]*)\)/g)].map(([, name = '', parameters = '']) => ({
      name,
      parameters: parameters.split(',').length,
    }));
    expect(entries).toEqual(kernels);
    expect(entries).toHaveLength(6);
  });

  it('is made for the shape that the processor computes', () => {
    expect({
      windowSamples: constantIn('WINDOW_SAMPLES'),
      hopSamples: constantIn('HOP_SAMPLES'),
      fftPoints: constantIn('FFT_POINTS'),
      bins: constantIn('BINS'),
      bands: constantIn('BANDS'),
    }).toEqual({
      windowSamples: logMelShape.windowSamples,
      hopSamples: logMelShape.hopSamples,
      fftPoints: logMelShape.fftPoints,
      bins: logMelShape.bins,
      bands: logMelShape.bands,
    });
  });
});
