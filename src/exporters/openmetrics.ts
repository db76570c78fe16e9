import { plainText } from '../base/escape-html.ts';
import type { NightMetric } from '../computed/gate/metrics.ts';
import type { Exporter, ExportInput } from '../model/exporter.ts';
import { type GateUnit, gateStates } from '../model/gate.ts';
import { outcomes } from '../model/record.ts';
import { sessionMetrics, whyNotKept } from './writing/session.ts';

type Labels = Readonly<Record<string, string | null>>;

interface Family {
  name: string;
  /** The name ends with it; null: none. */
  unit: string | null;
  help: string;
  samples: readonly { labels: Labels; value: number }[];
}

/** OpenMetrics asks for base units: seconds, not milliseconds. */
const units: Readonly<Record<GateUnit, { suffix: string; unit: string | null; factor: number }>> = {
  bytes: { suffix: 'bytes', unit: 'bytes', factor: 1 },
  ms: { suffix: 'seconds', unit: 'seconds', factor: 1e-3 },
  per_s: { suffix: 'per_second', unit: null, factor: 1 },
};

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');

/** plainText leaves no line feed, so only two characters need an escape. A label that is not there is left out. */
function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).flatMap(([name, value]) =>
    value === null ? [] : [`${name}="${escaped(plainText(value, 400))}"`],
  );
  return `{${pairs.join(',')}}`;
}

function familyLines({ name, unit, help, samples }: Family): readonly string[] {
  return samples.length === 0
    ? []
    : [
        `# TYPE ${name} gauge`,
        ...(unit === null ? [] : [`# UNIT ${name} ${unit}`]),
        `# HELP ${name} ${escaped(help)}`,
        ...samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}`),
      ];
}

function metricFamilies(metrics: readonly NightMetric[], profile: string): readonly Family[] {
  return [...new Set(metrics.map(({ id }) => id))].flatMap((id) => {
    const same = metrics.filter((metric) => metric.id === id);
    const [first] = same;
    if (first === undefined) {
      return [];
    }
    const { suffix, unit, factor } = units[first.unit];
    return [
      {
        name: `headroom_${id.replaceAll(/\W/g, '_')}_${suffix}`,
        unit,
        help: `Median of the session's repeats; ${first.isBiggerBetter ? 'more' : 'less'} is better.`,
        samples: same.map(({ stage, instance, median }) => ({
          labels: { profile, stage, instance },
          value: median * factor,
        })),
      },
    ];
  });
}

function soundFamilies({ results }: ExportInput): readonly Family[] {
  const profile = results[0].profile.name;
  const metrics = sessionMetrics(results);
  const limit = metrics.find(({ id }) => id === 'peak-memory')?.limit ?? null;
  const isCounted = results.some(({ requests }) => requests.planned > 0);
  return [
    ...metricFamilies(metrics, profile),
    {
      name: 'headroom_memory_limit_bytes',
      unit: 'bytes',
      help: 'The tightest limit of the target.',
      samples: limit === null ? [] : [{ labels: { profile }, value: limit }],
    },
    {
      name: 'headroom_requests',
      unit: null,
      help: 'Requests of all repeats by what became of them.',
      samples: !isCounted
        ? []
        : outcomes.map((outcome) => ({
            labels: { profile, outcome },
            value: results.reduce((sum, { requests }) => sum + requests.outcomes[outcome], 0),
          })),
    },
  ];
}

function sessionFamilies({ results, decision }: ExportInput, isSound: boolean): readonly Family[] {
  const [first] = results;
  const profile = first.profile.name;
  const verdicts = ['ok', 'warn', 'fail', 'inconclusive'] as const;
  return [
    {
      name: 'headroom_session_info',
      unit: null,
      help: 'What was measured, and where.',
      samples: [
        {
          labels: {
            profile,
            session: first.session.id,
            host_class: first.hostClass,
            series: decision?.series ?? null,
            version: first.subject.version,
            commit: first.subject.commit,
          },
          value: 1,
        },
      ],
    },
    {
      name: 'headroom_session_valid',
      unit: null,
      help: '0: the numbers mean nothing and are left out.',
      samples: [{ labels: { profile }, value: isSound ? 1 : 0 }],
    },
    {
      name: 'headroom_session_runs',
      unit: null,
      help: 'Repeats by the verdict of their detectors.',
      samples: verdicts.map((verdict) => ({
        labels: { profile, verdict },
        value: results.filter((result) => result.verdict === verdict).length,
      })),
    },
    {
      name: 'headroom_gate_state',
      unit: null,
      help: '1 for the state that the gate gave, 0 for the others; absent: it was not asked.',
      samples:
        decision === null
          ? []
          : gateStates.map((state) => ({ labels: { profile, state }, value: decision.state === state ? 1 : 0 })),
    },
  ];
}

/**
 * OpenMetrics 1.0 text. Gauges alone, so that the Prometheus text parser of the Pushgateway and of node_exporter's
 * textfile collector takes it too: it knows neither `info` nor `stateset`.
 */
export const openmetrics: Exporter = {
  id: 'openmetrics',
  title: 'OpenMetrics text: final gauges of the session',
  write(input) {
    const isSound = whyNotKept(input) === null;
    const families = [...sessionFamilies(input, isSound), ...(isSound ? soundFamilies(input) : [])];
    return {
      files: [{ name: 'openmetrics.txt', text: [...families.flatMap(familyLines), '# EOF', ''].join('\n') }],
    };
  },
};
