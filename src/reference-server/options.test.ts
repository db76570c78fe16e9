import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BenchError } from '../base/errors.ts';
import { faults } from './faults/index.ts';
import { commonKnobs } from './knobs.ts';
import { listAskedFor, parseOptions } from './options.ts';
import { services } from './services/index.ts';
import { speechSettings } from './services/speech/settings.ts';

const mebibyte = 1024 ** 2;

describe('parseOptions', () => {
  it('starts healthy: a pool of 3, the gate on, no fault', () => {
    const options = parseOptions([]);
    expect(options).toMatchObject({
      host: '127.0.0.1',
      port: 0,
      fault: null,
      fixes: [],
      device: 'auto',
      vramBytes: null,
    });
    expect(options.services).toEqual(services);
    expect(speechSettings(options.values)).toMatchObject({
      poolSize: 3,
      hasRamGate: true,
      workerBytes: 60 * mebibyte,
      maxQueue: 64,
    });
  });

  it('breaks with the fault, mends with its fix, and the knobs have the last word', () => {
    const faulty = parseOptions(['--fault', 'ungated-pool']);
    expect(speechSettings(faulty.values)).toMatchObject({ poolSize: 10, hasRamGate: false });
    const fixed = parseOptions(['--fault', 'ungated-pool', '--fix', 'fixed', '--knob', 'pool-size=5']);
    expect(fixed.fixes).toEqual(['ram-gate']);
    expect(speechSettings(fixed.values)).toMatchObject({ poolSize: 5, hasRamGate: true });
  });

  it('scales every time by --time-scale', () => {
    const { values } = parseOptions(['--time-scale', '0.5']);
    expect(speechSettings(values)).toMatchObject({ coldStartMs: 4000, coldIdleMs: 30_000 });
  });

  it("runs a fault's own service alone, and others beside it when they are named", () => {
    expect(parseOptions(['--fault', 'ungated-pool']).services.map(({ id }) => id)).toEqual(['speech']);
    expect(parseOptions(['--services', 'speech']).services.map(({ id }) => id)).toEqual(['speech']);
  });

  const refusals: readonly [argv: string[], part: string][] = [
    [['--fault', 'ungated-pol'], 'Did you mean "ungated-pool"?'],
    [['--fault', 'ungated-pool', '--fix', 'ram-gat'], 'Did you mean "ram-gate"?'],
    [['--fix', 'ram-gate'], 'fix of fault "none"'],
    [['--knob', 'pool-sise=3'], 'Did you mean "pool-size"?'],
    [['--knob', 'pool-size'], 'needs a number'],
    [['--knob', 'pool-size=-1'], 'needs a number'],
    [['--knob', 'sps=0'], 'needs a number'],
    [['--knob', 'ram-gate=yes'], 'needs true or false'],
    [['--services', 'speach'], 'Did you mean "speech"?'],
    [['--port', '70000'], 'is no port'],
    [['--vram', '16'], 'is no size'],
    [['--time-scale', '0'], 'is no factor'],
    [['--device', 'cude'], 'Did you mean "cuda"?'],
    [['--device', 'cuda', '--vram', '16GiB'], '--vram sizes a virtual device only'],
    [['--prot', '1'], '--prot'],
    [['stray'], 'stray'],
  ];
  it.each(refusals)('refuses %j in one line with exit 2', (argv, part) => {
    let thrown: unknown = null;
    try {
      parseOptions(argv);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(BenchError);
    const error = thrown as BenchError;
    const line = `${error.message} ${error.hint ?? ''}`;
    expect(error.exitCode).toBe(2);
    expect(line).toContain(part);
    expect(line).not.toContain('\n');
  });
});

describe('the knobs', () => {
  it('are listed with their service, default and meaning', () => {
    const lines = listAskedFor(['--list-knobs'])?.split('\n') ?? [];
    expect(lines).toContain('speech');
    expect(lines.some((line) => /^ {2}ram-gate +true +asks the host/.test(line))).toBe(true);
    expect(listAskedFor([])).toBeNull();
  });

  it('have names that are unique over all services', () => {
    const names = [commonKnobs, ...services.map(({ knobs }) => knobs)].flatMap((table) => Object.keys(table));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the list of faults', () => {
  it('holds every file of its folder, under the file name', () => {
    const files = readdirSync(new URL('./faults', import.meta.url))
      .filter((name) => !['index.ts', 'fault.ts'].includes(name))
      .map((name) => name.replace(/\.ts$/, ''));
    expect(faults.map((fault) => fault.id).sort((a, b) => a.localeCompare(b))).toEqual(
      files.sort((a, b) => a.localeCompare(b)),
    );
  });

  it('names only fixes that exist and knobs that are known', () => {
    for (const fault of faults) {
      expect(Object.keys(fault.fixes)).toEqual(expect.arrayContaining([...fault.fixed]));
      for (const fix of [...Object.keys(fault.fixes), 'fixed']) {
        expect(() => parseOptions(['--fault', fault.id, '--fix', fix])).not.toThrow();
      }
    }
  });
});
