import { cgroupFolder, parseMounts } from '../base/procfs.ts';
import type { MetricMeta, Probe, Sample, SampleScope } from '../model/probe.ts';

const resources = ['memory', 'cpu', 'io'] as const;
const kinds = ['some', 'full'] as const;
/** Totals lose nothing by being read less often, and the averages change every 2 s; less than a second, so that no early tick skips its turn. */
const everyMs = 950;

type Pressure = Record<`${(typeof kinds)[number]}_${'total_us' | 'avg10_percent'}`, number | null>;

/** `name=digits` after the beginning of a line; null where it is not printed. */
function valueAfter(text: string, lineStart: number, name: string): number | null {
  const at = lineStart < 0 ? -1 : text.indexOf(name, lineStart);
  const value = at < 0 ? Number.NaN : Number.parseFloat(text.slice(at + name.length, at + name.length + 24));
  return Number.isNaN(value) ? null : value;
}

/** One pressure file; null for a line that this kernel does not print. */
export function parsePressure(text: string): Pressure {
  const some = text.indexOf('some ');
  const full = text.indexOf('full ');
  return {
    some_total_us: valueAfter(text, some, ' total='),
    full_total_us: valueAfter(text, full, ' total='),
    some_avg10_percent: valueAfter(text, some, ' avg10='),
    full_avg10_percent: valueAfter(text, full, ' avg10='),
  };
}

function pressureSamples(scope: SampleScope, instance: string, texts: readonly (string | null)[]): Sample[] {
  return resources.flatMap((resource, index) =>
    Object.entries(parsePressure(texts[index] ?? '')).map(
      ([name, value]): Sample => ({ scope, instance, metric: `psi_${resource}_${name}`, value }),
    ),
  );
}

const metrics: MetricMeta[] = resources.flatMap((resource) =>
  kinds.flatMap((kind) => [
    {
      metric: `psi_${resource}_${kind}_total_us`,
      unit: 'microseconds',
      description: `time that ${kind} tasks stalled on ${resource}`,
    },
    {
      metric: `psi_${resource}_${kind}_avg10_percent`,
      unit: 'percent',
      description: 'the same as a share of the last 10 s',
    },
  ]),
);

export const psi: Probe = {
  id: 'psi',
  title: 'Pressure stall information',
  metrics,
  open(target) {
    const { host } = target;
    if (host === null) {
      return Promise.resolve({ unavailable: target.description });
    }
    if (host.read('/proc/pressure/memory') === null) {
      return Promise.resolve({
        unavailable: '/proc/pressure/memory cannot be read; this kernel may need psi=1 on its command line',
      });
    }
    const { v2 } = target.cgroup;
    // The root group's pressure is the host's.
    const group =
      v2 === null || v2 === '/' ? null : cgroupFolder(parseMounts(host.read('/proc/self/mountinfo') ?? ''), 'v2', v2);
    const groupFolder = group !== null && host.read(`${group}/memory.pressure`) !== null ? group : null;
    let readMs = Number.NEGATIVE_INFINITY;
    return Promise.resolve({
      read(tick) {
        if (tick.tMs - readMs < everyMs) {
          return Promise.resolve({ samples: [], events: [] });
        }
        readMs = tick.tMs;
        const samples = pressureSamples(
          'host',
          'host',
          resources.map((resource) => host.read(`/proc/pressure/${resource}`)),
        );
        if (groupFolder !== null) {
          const texts = resources.map((resource) => host.read(`${groupFolder}/${resource}.pressure`));
          samples.push(...pressureSamples('cgroup', `v2:${v2}`, texts));
        }
        return Promise.resolve({ samples, events: [] });
      },
      close: () => Promise.resolve(),
    });
  },
};
