import type { KnobTable, KnobValues } from '../../knobs.ts';

export const sandboxKnobs: KnobTable = {
  'exec-slots': { value: 2, meaning: 'programs that run at once; above it 429 with Retry-After; 0 = no limit' },
  'exec-fits-limit': {
    value: true,
    meaning: 'fewer slots, and at last a smaller program, where the tightest memory limit holds no more',
  },
  'subprocess-mib': { value: 512, least: 16, meaning: 'memory that one process of a program may take (RLIMIT_DATA)' },
  'stdout-cap-kib': {
    value: 50,
    meaning: 'output of a stream at which the program is killed; 0 = all of it is read and kept, then cut',
  },
  'exec-connection-limit': {
    value: 0,
    meaning: 'open connections, idle and asking ones included, from which on everything is answered 503; 0 = none',
  },
  'exec-remote': { value: false, meaning: 'also takes programs from other machines: they run with our rights' },
};

/** The knobs as the service reads them: units in the names. */
export interface SandboxSettings {
  /** null = no limit. */
  slots: number | null;
  hasToFit: boolean;
  childBytes: number;
  /** Where the program is killed; null = its whole output is kept. */
  outputCapBytes: number | null;
  connectionLimit: number | null;
  takesRemote: boolean;
}

function orNone(value: number): number | null {
  return value === 0 ? null : value;
}

export function sandboxSettings(values: KnobValues): SandboxSettings {
  return {
    slots: orNone(Math.floor(values.number('exec-slots'))),
    hasToFit: values.boolean('exec-fits-limit'),
    childBytes: values.mib('subprocess-mib'),
    outputCapBytes: orNone(values.number('stdout-cap-kib') * 1024),
    connectionLimit: orNone(Math.floor(values.number('exec-connection-limit'))),
    takesRemote: values.boolean('exec-remote'),
  };
}
