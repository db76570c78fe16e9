import { unknownName } from '../base/by-id.ts';
import { BenchError } from '../base/errors.ts';
import type { Knobs } from '../model/fault.ts';

const defaults = {
  'pool-size': 3,
  'worker-mib': 60,
  'mib-per-audio-min': 4,
  sps: 30,
  'weights-mib': 1536,
  'context-mib': 512,
  'cold-start-s': 8,
  'cold-idle-s': 60,
  'stagger-s': 10,
  'manager-s': 0.5,
  'max-queue': 64,
  'ram-gate': true,
};

type KnobName = keyof typeof defaults;

function isKnobName(name: string): name is KnobName {
  return Object.hasOwn(defaults, name);
}

function checkedKnobName(name: string): KnobName {
  if (!isKnobName(name)) {
    throw unknownName('knob', name, Object.keys(defaults));
  }
  return name;
}

/** The knobs of the server as the rest of the code reads them: units in the names, times already scaled. */
export interface Settings {
  poolSize: number;
  workerBytes: number;
  bytesPerAudioMinute: number;
  /** Audio seconds that one worker transcribes in a second, before the time scale. */
  audioSecondsPerSecond: number;
  weightsBytes: number;
  contextBytes: number;
  coldStartMs: number;
  coldIdleMs: number;
  staggerMs: number;
  managerMs: number;
  maxQueue: number;
  hasRamGate: boolean;
  timeScale: number;
}

const mebibyte = 1024 ** 2;

/** Later layers win: defaults, then the fault, then its fixes, then `--knob`. */
export function settingsFrom(layers: readonly Knobs[], timeScale: number): Settings {
  const values: Record<KnobName, number | boolean> = { ...defaults };
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer)) {
      const known = checkedKnobName(name);
      if (typeof value !== typeof defaults[known]) {
        throw new BenchError('USAGE', `Knob "${name}" takes a ${typeof defaults[known]}, not ${value}.`, {
          hint: `Its default is ${defaults[known]}.`,
        });
      }
      values[known] = value;
    }
  }
  const number = (name: KnobName): number => Number(values[name]);
  const ms = (name: KnobName): number => number(name) * 1000 * timeScale;
  return {
    poolSize: Math.floor(number('pool-size')),
    workerBytes: number('worker-mib') * mebibyte,
    bytesPerAudioMinute: number('mib-per-audio-min') * mebibyte,
    audioSecondsPerSecond: number('sps'),
    weightsBytes: number('weights-mib') * mebibyte,
    contextBytes: number('context-mib') * mebibyte,
    coldStartMs: ms('cold-start-s'),
    coldIdleMs: ms('cold-idle-s'),
    staggerMs: ms('stagger-s'),
    managerMs: ms('manager-s'),
    maxQueue: Math.floor(number('max-queue')),
    hasRamGate: values['ram-gate'] === true,
    timeScale,
  };
}

/** `worker-mib=96`, `ram-gate=false`. */
export function parseKnob(text: string): Knobs {
  const [name = '', value = ''] = text.split('=', 2);
  const known = checkedKnobName(name);
  if (typeof defaults[known] === 'boolean') {
    if (value !== 'true' && value !== 'false') {
      throw new BenchError('USAGE', `Knob "${text}" needs true or false.`, { hint: `Write ${name}=true.` });
    }
    return { [name]: value === 'true' };
  }
  const number = value === '' ? Number.NaN : Number(value);
  if (!Number.isFinite(number) || number < 0 || (number === 0 && name === 'sps')) {
    throw new BenchError('USAGE', `Knob "${text}" needs a number of at least 0.`, {
      hint: `Write ${name}=${defaults[known]}.`,
    });
  }
  return { [name]: number };
}
