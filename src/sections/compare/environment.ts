import { plainText } from '../../base/escape-html.ts';
import type { RunResult } from '../../model/result.ts';
import type { ReportSection } from '../../model/section.ts';
import { type Comparison, sidesOf } from './comparison.ts';

function factsOf(run: RunResult): Readonly<Record<string, string>> {
  return {
    target: run.target.url,
    ...(run.wire === undefined ? {} : { 'sent as': run.wire.adapter, model: run.wire.model ?? '–' }),
    'host class': run.hostClass,
    ...run.environment,
    'profile hash': run.profile.hash.slice(0, 16),
    'corpus digest': run.corpus.digest.slice(0, 16),
    plan: run.planHash.slice(0, 16),
    command: run.command,
  };
}

/** Of the first run of each side: repeats of a session differ in nothing but the time. */
export function environments(comparison: Comparison): ReportSection {
  const sides = sidesOf(comparison).map(({ label, runs }) => ({ label, facts: factsOf(runs[0]) }));
  const fields = [...new Set(sides.flatMap(({ facts }) => Object.keys(facts)))];
  return {
    id: 'environment',
    title: 'Environment',
    render: () => [
      {
        type: 'table',
        caption: 'Around the first run of each side; – where it was not read',
        headings: ['field', ...sides.map(({ label }) => label)],
        rows: fields.map((field) => [field, ...sides.map(({ facts }) => plainText(facts[field] ?? '–', 300))]),
      },
    ],
  };
}
