import { median } from '../../base/statistics.ts';
import { formatDuration } from '../../base/units.ts';
import type { Observe } from '../../model/target.ts';
import type { Recorder } from '../gather/recorder.ts';
import { catalog, workingSet } from './catalog.ts';
import { queryRange, type RangeSeries } from './query.ts';
import { type Answered, containerOf, toBatches, toEvents } from './samples.ts';

const probe = 'prometheus';

export interface PrometheusImport {
  url: string;
  /** Labels as PromQL writes them between braces; sent as they are. */
  selector: string;
  /** Wall clock at the run's zero, ms since 1970. */
  wallZeroMs: number;
  endMs: number;
  recorder: Pick<Recorder, 'samples' | 'event'>;
}

type Notes = readonly { what: string; why: string }[];

/**
 * Asks for every series that the catalog knows and appends what is there to the tables. Never throws: a Prometheus
 * that does not answer leaves a run without the memory of its target. The notes belong into `notObserved`.
 */
export async function importPrometheus(options: PrometheusImport): Promise<Notes> {
  const { selector, wallZeroMs, recorder } = options;
  const asked = await askAll(options);
  if ('why' in asked) {
    return [{ what: "the target's memory", why: asked.why }];
  }
  const { answers, sampleTimes } = asked;
  const batches = toBatches(onlySampled(answers, sampleTimes, wallZeroMs), wallZeroMs);
  for (const { tMs, samples } of batches) {
    recorder.samples(
      tMs,
      '',
      'ok',
      samples.map((sample) => ({ ...sample, probe })),
    );
  }
  for (const { tMs, kind, subject, detail } of toEvents(answers, wallZeroMs)) {
    recorder.event(tMs, kind, '', subject, detail);
  }
  const containers = new Set(
    answers.filter(({ wanted }) => wanted.name === workingSet).flatMap(({ series }) => series.map(containerOf)),
  );
  containers.delete(null);
  return [
    ...(batches.length === 0
      ? [{ what: "the target's memory", why: `Prometheus has no series that we know for {${selector}}` }]
      : [{ what: 'peaks between two scrapes of Prometheus', why: scrapeInWords(sampleTimes) }]),
    ...(containers.size > 1
      ? [
          {
            what: 'one container alone',
            why: `{${selector}} matches ${[...containers].join(', ')}; add container="…" to name one`,
          },
        ]
      : []),
  ];
}

/** What Prometheus held of the target meanwhile; nothing where it is observed in another way. */
export function importMemory(
  observe: Observe,
  recorder: PrometheusImport['recorder'],
  span: Pick<PrometheusImport, 'wallZeroMs' | 'endMs'>,
): Promise<Notes> {
  return observe.by === 'prometheus'
    ? importPrometheus({ url: observe.url, selector: observe.selector, recorder, ...span })
    : Promise.resolve([]);
}

/** Wall times at which a container was scraped, by its name; empty where Prometheus does not tell. */
type SampleTimes = ReadonlyMap<string, readonly number[]>;

async function askAll(
  options: PrometheusImport,
): Promise<{ answers: readonly Answered[]; sampleTimes: SampleTimes } | { why: string }> {
  const base = new URL(options.url);
  const fromMs = options.wallZeroMs;
  const ask = (query: string): ReturnType<typeof queryRange> =>
    queryRange(base, query, fromMs, fromMs + Math.max(1000, options.endMs));
  const query = (name: string, matchers: string): string =>
    `${name}{${[options.selector, matchers].filter((part) => part !== '').join(',')}}`;
  const answers: Answered[] = [];
  for (const wanted of catalog) {
    const answer = await ask(query(wanted.name, wanted.matchers));
    if (!answer.ok) {
      const said = answer.kind === 'down' ? 'does not answer' : 'refused the query';
      return { why: `Prometheus at ${base.host} ${said}: ${answer.why}` };
    }
    answers.push({ wanted, series: answer.series });
  }
  const times = await ask(`timestamp(${query(workingSet, '')})`);
  return { answers, sampleTimes: times.ok ? timesOf(times.series) : new Map() };
}

function timesOf(series: readonly RangeSeries[]): SampleTimes {
  const times = new Map<string, readonly number[]>();
  for (const one of series) {
    const container = containerOf(one);
    if (container !== null) {
      times.set(
        container,
        one.points.map(({ value }) => Math.round(value * 1000)),
      );
    }
  }
  return times;
}

/**
 * A range query repeats a value at every step until the next scrape, which would look like a level that was measured.
 * Where the times of the scrapes are known, each value stays once with its own time, and none from before the run.
 */
function onlySampled(answers: readonly Answered[], sampleTimes: SampleTimes, wallZeroMs: number): readonly Answered[] {
  return answers.map(({ wanted, series }) => ({
    wanted,
    series: series.map((one) => {
      const times = sampleTimes.get(containerOf(one) ?? '');
      if (wanted.owner !== 'container' || times?.length !== one.points.length) {
        return one;
      }
      const points = one.points.flatMap(({ value }, index) => {
        const wallMs = times[index] ?? 0;
        return wallMs < wallZeroMs || wallMs === times[index - 1] ? [] : [{ wallMs, value }];
      });
      return { ...one, points };
    }),
  }));
}

function scrapeInWords(sampleTimes: SampleTimes): string {
  const gapsMs = [...sampleTimes.values()].flatMap((times) => {
    const distinct = [...new Set(times)];
    return distinct.slice(1).map((time, index) => time - (distinct[index] ?? time));
  });
  const intervalMs = median(gapsMs);
  return intervalMs === null
    ? 'values are as old as its scrapes, and how often it scrapes is not known'
    : `it holds a value every ${formatDuration(intervalMs)}, and cAdvisor itself reads only about every 10 s`;
}
