import { parseArgs } from 'node:util';
import { findById, unknownName } from '../base/by-id.ts';
import { BenchError, messageOf } from '../base/errors.ts';
import { parseBytes } from '../base/units.ts';
import { type DeviceChoice, deviceChoices } from './device/open-device.ts';
import type { Fault } from './faults/fault.ts';
import { faults } from './faults/index.ts';
import { commonKnobs, type KnobTable, type KnobValues, knobValues, parseKnob } from './knobs.ts';
import type { ServiceKind } from './service.ts';
import { services } from './services/index.ts';

export interface ServerOptions {
  host: string;
  port: number;
  fault: Fault | null;
  fixes: readonly string[];
  device: DeviceChoice;
  /** Of the virtual device; null = its default. */
  vramBytes: number | null;
  endsWithParent: boolean;
  /** What to run; a fault alone runs its own service, so that nothing else is in its memory. */
  services: readonly ServiceKind[];
  values: KnobValues;
}

function usage(message: string, hint: string): BenchError {
  return new BenchError('USAGE', message, { hint });
}

function parseFlags(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      options: {
        port: { type: 'string', default: '0' },
        host: { type: 'string', default: '127.0.0.1' },
        fault: { type: 'string', default: 'none' },
        fix: { type: 'string', multiple: true, default: [] },
        device: { type: 'string', default: 'auto' },
        vram: { type: 'string' },
        'time-scale': { type: 'string', default: '1' },
        knob: { type: 'string', multiple: true, default: [] },
        'end-with-parent': { type: 'boolean', default: false },
        services: { type: 'string' },
        'list-faults': { type: 'boolean', default: false },
        'list-knobs': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new BenchError('USAGE', messageOf(error).split('\n')[0] ?? '', {
      hint: 'Known: --port --host --fault --fix --device --vram --time-scale --knob --services --end-with-parent --list-faults --list-knobs.',
      cause: error,
    });
  }
}

function parseVram(text: string, device: DeviceChoice): number {
  if (device === 'cuda') {
    throw usage('--vram sizes a virtual device only.', 'Leave it out, or take --device virtual.');
  }
  const bytes = parseBytes(text);
  if (bytes === null || bytes === 0) {
    throw usage(`--vram "${text}" is no size.`, 'Write for example --vram 16GiB.');
  }
  return bytes;
}

function resolveFixes(fault: Fault, asked: readonly string[]): string[] {
  const known = Object.keys(fault.fixes);
  const names = asked.flatMap((name) => (name === 'fixed' ? fault.fixed : [name]));
  for (const name of names) {
    if (!known.includes(name)) {
      throw unknownName(`fix of fault "${fault.id}"`, name, [...known, 'fixed']);
    }
  }
  return [...new Set(names)];
}

const knobTable: KnobTable = Object.fromEntries(
  [commonKnobs, ...services.map(({ knobs }) => knobs)].flatMap((table) => Object.entries(table)),
);

function chosenServices(asked: string | undefined, fault: Fault): readonly ServiceKind[] {
  if (asked === undefined) {
    return fault.service === null ? services : services.filter(({ id }) => id === fault.service);
  }
  const chosen = asked.split(',').map((id) => findById('service', services, id.trim()));
  if (fault.service !== null && !chosen.some(({ id }) => id === fault.service)) {
    throw usage(
      `Fault "${fault.id}" lives in the service "${fault.service}".`,
      `Add it: --services ${asked},${fault.service}.`,
    );
  }
  return [...new Set(chosen)];
}

/** Every knob by its service, one line each: name, default, meaning. */
function knobLines(): string {
  const tables = [{ id: 'the server', knobs: commonKnobs }, ...services];
  return tables
    .map(({ id, knobs }) => {
      const lines = Object.entries(knobs).map(([name, { value, meaning, choices }]) => {
        const others = choices === undefined ? '' : ` (${choices.filter((choice) => choice !== '').join(', ')})`;
        return `  ${name.padEnd(28)}${String(value).padEnd(16)}${meaning}${others}`;
      });
      return [id, ...lines].join('\n');
    })
    .join('\n');
}

/** Asked for a list, the program prints this text and starts nothing; null if it is to start. */
export function listAskedFor(argv: readonly string[]): string | null {
  const flags = parseFlags(argv);
  if (flags['list-knobs']) {
    return knobLines();
  }
  return flags['list-faults']
    ? JSON.stringify(faults.map(({ id, story, fixes }) => ({ id, story, fixes: Object.keys(fixes) })))
    : null;
}

/** argv to options, or a `BenchError` of one line. */
export function parseOptions(argv: readonly string[]): ServerOptions {
  const flags = parseFlags(argv);
  const port = Number(flags.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw usage(`--port "${flags.port}" is no port.`, 'Give 0 (any free port) to 65535.');
  }
  const device = deviceChoices.find((choice) => choice === flags.device);
  if (device === undefined) {
    throw unknownName('device', flags.device, deviceChoices);
  }
  const vramBytes = flags.vram === undefined ? null : parseVram(flags.vram, device);
  const timeScale = Number(flags['time-scale']);
  if (!(timeScale > 0) || !Number.isFinite(timeScale)) {
    throw usage(`--time-scale "${flags['time-scale']}" is no factor above 0.`, 'Write for example --time-scale 0.25.');
  }
  const fault = findById('fault', faults, flags.fault);
  const fixes = resolveFixes(fault, flags.fix);
  const layers = [
    fault.knobs,
    ...fixes.map((name) => fault.fixes[name] ?? {}),
    ...flags.knob.map((text) => parseKnob(knobTable, text)),
  ];
  return {
    host: flags.host,
    port,
    fault: fault.id === 'none' ? null : fault,
    fixes,
    device,
    vramBytes,
    endsWithParent: flags['end-with-parent'],
    services: chosenServices(flags.services, fault),
    values: knobValues(knobTable, layers, timeScale),
  };
}
