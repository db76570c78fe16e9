import { unknownName } from '../base/by-id.ts';
import { BenchError } from '../base/errors.ts';
import type { Knobs } from '../model/fault.ts';

export type KnobValue = Knobs[string];

/** A number of the server that a fault, a fix or `--knob` may move. `choices` bounds a text. */
export interface Knob {
  value: KnobValue;
  meaning: string;
  choices?: readonly string[];
  /** Least number; 0 unless said. */
  least?: number;
}

/** Knobs by name; units are in the names. */
export type KnobTable = Readonly<Record<string, Knob>>;

/** Knobs of the server as a whole. */
export const commonKnobs: KnobTable = {
  'context-mib': { value: 512, meaning: 'VRAM that a process pays for its device context (virtual device only)' },
  'teardown-s': {
    value: 0,
    meaning: 'seconds that the VRAM of an ended process stays taken (virtual device only)',
  },
  'manager-s': { value: 0.5, meaning: 'seconds between two looks at what is idle, wanted or over' },
};

/** Values after every layer has spoken. Asking for a name or a kind that no table holds is our bug. */
export interface KnobValues {
  number(name: string): number;
  boolean(name: string): boolean;
  text(name: string): string;
  /** MiB to bytes. */
  mib(name: string): number;
  /** Seconds to ms, with the time scale in it. */
  scaledMs(name: string): number;
  timeScale: number;
}

function checked(table: KnobTable, name: string): Knob {
  const knob = Object.hasOwn(table, name) ? table[name] : undefined;
  if (knob === undefined) {
    throw unknownName('knob', name, Object.keys(table));
  }
  return knob;
}

function refuseValue(name: string, knob: Knob, value: KnobValue): void {
  if (typeof value !== typeof knob.value) {
    throw new BenchError('USAGE', `Knob "${name}" takes a ${typeof knob.value}, not ${value}.`, {
      hint: `Its default is ${knob.value}.`,
    });
  }
  if (knob.choices !== undefined && !knob.choices.includes(String(value))) {
    throw unknownName(`value of knob "${name}"`, String(value), knob.choices);
  }
}

/** Later layers win: defaults, then the fault, then its fixes, then `--knob`. */
export function knobValues(table: KnobTable, layers: readonly Knobs[], timeScale: number): KnobValues {
  const values = new Map(Object.entries(table).map(([name, knob]) => [name, knob.value]));
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer)) {
      refuseValue(name, checked(table, name), value);
      values.set(name, value);
    }
  }
  const read = (name: string, kind: string): KnobValue => {
    const value = values.get(name);
    if (typeof value !== kind) {
      throw new Error(`there is no ${kind} knob "${name}"`);
    }
    return value as KnobValue;
  };
  const number = (name: string): number => Number(read(name, 'number'));
  return {
    number,
    boolean: (name) => read(name, 'boolean') === true,
    text: (name) => String(read(name, 'string')),
    mib: (name) => number(name) * 1024 ** 2,
    scaledMs: (name) => number(name) * 1000 * timeScale,
    timeScale,
  };
}

/** `worker-mib=96`, `ram-gate=false`, `arena-growth=exact`. */
export function parseKnob(table: KnobTable, text: string): Knobs {
  const [name = '', value = ''] = text.split('=', 2);
  const knob = checked(table, name);
  if (typeof knob.value === 'string') {
    refuseValue(name, knob, value);
    return { [name]: value };
  }
  if (typeof knob.value === 'boolean') {
    if (value !== 'true' && value !== 'false') {
      throw new BenchError('USAGE', `Knob "${text}" needs true or false.`, { hint: `Write ${name}=true.` });
    }
    return { [name]: value === 'true' };
  }
  const number = value === '' ? Number.NaN : Number(value);
  if (!Number.isFinite(number) || number < (knob.least ?? 0)) {
    throw new BenchError('USAGE', `Knob "${text}" needs a number of at least ${knob.least ?? 0}.`, {
      hint: `Write ${name}=${knob.value}.`,
    });
  }
  return { [name]: number };
}
