import { describe, expect, it } from 'vitest';
import { checkMemory, tightMemory, type WeightSizing } from './memcheck.ts';
import { estimateBytes, weightsBytesOf } from './model-size.ts';

const mib = 1024 ** 2;
const incident = { layers: 30, hidden: 2560, inter: 6912, vocabulary: 128_256 };

describe('the size of a model', () => {
  it.each([
    ['floats, as in the incident: between 4 and 8 GB', 16, 6.8e9],
    ['4.5 bits: what they really take', 4.5, 1.91e9],
    ['1.6 bits', 1.6, 0.68e9],
  ])('%s', (_reason, bits, bytes) => {
    const estimate = estimateBytes(weightsBytesOf({ ...incident, bits }));
    expect(Math.abs(estimate / bytes - 1)).toBeLessThan(0.01);
  });
});

describe('the memory check', () => {
  const free = (limitMib: number, freeMib = limitMib): { limitBytes: number; freeBytes: number } => ({
    limitBytes: limitMib * mib,
    freeBytes: freeMib * mib,
  });
  const rows: readonly [string, number, WeightSizing, ReturnType<typeof free>[], object][] = [
    ['a limit that holds estimate and headroom', 16, 'real-bits', [free(625)], { outcome: 'ok' }],
    ['a limit one MiB below', 16, 'real-bits', [free(623)], { outcome: 'tight', limitBytes: 623 * mib }],
    ['an ancestor below the leaf', 16, 'real-bits', [free(4096), free(600)], { limitBytes: 600 * mib }],
    ['a host whose memory others hold', 16, 'real-bits', [free(4096, 100)], { outcome: 'tight' }],
    ['no limit that can be read', 16, 'real-bits', [], { outcome: 'skipped' }],
    ['quantised weights by their own bits', 4, 'real-bits', [free(625)], { outcome: 'ok' }],
    ['quantised weights taken for floats (false)', 4, 'float-width', [free(624)], { outcome: 'tight' }],
    ['quantised weights not looked at (false)', 4, 'skip-quantised', [free(64)], { outcome: 'skipped' }],
    ['floats where quantised ones are skipped', 16, 'skip-quantised', [free(64)], { outcome: 'tight' }],
  ];
  it.each(rows)('%s', (_reason, bits, sizing, bounds, expected) => {
    const load = { weightsBytes: 100 * mib, bits };
    expect(checkMemory(load, { headroomBytes: 512 * mib, sizing }, bounds)).toMatchObject(expected);
  });

  it('refuses in one line that names the limit and both ways out, with exit 5', () => {
    const error = tightMemory({ outcome: 'tight', neededBytes: 624 * mib, limitBytes: 100 * mib });
    expect(error.exitCode).toBe(5);
    expect(`${error.message} ${error.hint}`).toMatch(/^[^\n]*624 MiB[^\n]*lazy-weights=true[^\n]*memcheck=false\.$/);
  });
});
