import { stringify } from 'csv-stringify/sync';
import { stringify as yamlText } from 'yaml';
import { plainText } from '../base/escape-html.ts';
import { isSameMetric, metricKey } from '../computed/gate/metrics.ts';
import type { ExportedFile, Exporter, ExportInput } from '../model/exporter.ts';
import type { HistoryMetric, HistorySession } from '../model/history.ts';
import { safeFileName, sessionMetrics, startOf, whyNotKept } from './writing/session.ts';

type Metric = Pick<HistoryMetric, 'id' | 'stage' | 'instance' | 'isBiggerBetter' | 'median'>;

interface Night {
  at: string;
  commit: string | null;
  hostClass: string;
  metrics: readonly Metric[];
}

/** Metrics that were measured in the same nights; Otava knows no empty cell, so each group has a table of its own. */
interface Group {
  metrics: readonly Metric[];
  nights: readonly Night[];
}

/** A history keeps no branch, and Otava refuses a table of several: nights of pull requests stay out. */
const branch = 'main';
const attributes = ['branch', 'commit', 'profile', 'host_class'] as const;

function nightsOf({ results, history }: ExportInput): readonly Night[] {
  const [first] = results;
  const past = history
    .filter(({ purpose, state }) => purpose !== 'pr' && state !== 'invalid')
    .map(
      ({ at, subject, metrics }: HistorySession): Night => ({
        at,
        commit: subject.commit,
        hostClass: first.hostClass,
        metrics: metrics.filter(({ median }) => Number.isFinite(median)),
      }),
    );
  const present: Night = {
    at: startOf(results),
    commit: first.subject.commit,
    hostClass: first.hostClass,
    metrics: sessionMetrics(results),
  };
  // Otava takes the rows as they stand: of shuffled ones it finds nothing.
  return [...past, present].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function groupsOf(input: ExportInput): readonly Group[] {
  const nights = nightsOf(input);
  const groups = new Map<string, Group>();
  for (const metric of sessionMetrics(input.results)) {
    const having = nights.filter(({ metrics }) => metrics.some((other) => isSameMetric(other, metric)));
    const key = having.map((night) => nights.indexOf(night)).join(' ');
    groups.set(key, { metrics: [...(groups.get(key)?.metrics ?? []), metric], nights: having });
  }
  return [...groups.values()];
}

/** Otava's own form, in UTC. */
const timeText = (at: string): string => new Date(at).toISOString().replace('T', ' ').replace(/\..*$/, ' +0000');
const attributeText = (text: string | null): string =>
  text === null || text.trim() === '' ? 'unknown' : plainText(text, 200);

function csvText(profile: string, { metrics, nights }: Group): string {
  const rows = nights.map((night) => [
    timeText(night.at),
    branch,
    attributeText(night.commit),
    attributeText(profile),
    attributeText(night.hostClass),
    ...metrics.flatMap((metric) => night.metrics.find((other) => isSameMetric(other, metric))?.median ?? []),
  ]);
  return stringify([['time', ...attributes, ...metrics.map(metricKey)], ...rows], { escape_formulas: true });
}

function testOf(file: string, { metrics }: Group): object {
  return {
    type: 'csv',
    file,
    csv_options: { delimiter: ',', quote_char: '"' },
    time_column: 'time',
    attributes: [...attributes],
    metrics: Object.fromEntries(
      metrics.map((metric) => [
        metricKey(metric),
        { column: metricKey(metric), scale: 1, direction: metric.isBiggerBetter ? 1 : -1 },
      ]),
    ),
  };
}

/** Apache Otava's CSV tests and their configuration: the nights of the series and this session, one row each. */
export const otava: Exporter = {
  id: 'otava',
  title: 'Apache Otava: the history as CSV, with otava.yaml',
  write(input) {
    const refused = whyNotKept(input);
    if (refused !== null) {
      return { unexportable: refused };
    }
    const profile = input.results[0].profile.name;
    const groups = groupsOf(input);
    if (groups.length === 0) {
      return { unexportable: 'nothing that can be compared was measured' };
    }
    const named = groups.map((group, index) => {
      const test = `${safeFileName(profile)}${index === 0 ? '' : `-${index + 1}`}`;
      return { test, file: `${test}.csv`, group };
    });
    const tests = Object.fromEntries(named.map(({ test, file, group }) => [test, testOf(file, group)]));
    const files: readonly ExportedFile[] = [
      { name: 'otava.yaml', text: yamlText({ tests }) },
      ...named.map(({ file, group }) => ({ name: file, text: csvText(profile, group) })),
    ];
    return { files };
  },
};
