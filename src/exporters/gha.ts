import { plainText } from '../base/escape-html.ts';
import type { NightMetric } from '../computed/gate/metrics.ts';
import { valueText } from '../computed/gate/value-text.ts';
import type { Exporter, ExportInput } from '../model/exporter.ts';
import type { GateUnit } from '../model/gate.ts';
import { json, metricName, sessionMetrics, whyNotKept } from './writing/session.ts';

const units: Readonly<Record<GateUnit, string>> = { bytes: 'bytes', ms: 'ms', per_s: '1/s' };

function entry(input: ExportInput, { id, unit, median, values, ...place }: NightMetric): object {
  const [first] = input.results;
  const range = [Math.min(...values), Math.max(...values)].map((value) => valueText(value, unit)).join(' to ');
  const told = [
    `session ${first.session.id}, median of ${values.length}`,
    ...(first.subject.commit === null ? [] : [`server commit ${plainText(first.subject.commit, 80)}`]),
    ...(input.decision === null ? [] : [`gate: ${input.decision.state}`]),
  ];
  return {
    name: metricName(first.profile.name, { id, ...place }),
    unit: units[unit],
    value: median,
    ...(values.length > 1 ? { range } : {}),
    extra: told.join('\n'),
  };
}

/**
 * Custom input of benchmark-action/github-action-benchmark (its README, `customSmallerIsBetter`): one file per
 * direction. It refuses a file without entries, so that an empty direction is left out.
 */
export const gha: Exporter = {
  id: 'gha',
  title: 'github-action-benchmark, one file where smaller is better and one where bigger is',
  write(input) {
    const refused = whyNotKept(input);
    if (refused !== null) {
      return { unexportable: refused };
    }
    const metrics = sessionMetrics(input.results);
    const files = [
      { name: 'gha-smaller-is-better.json', kept: metrics.filter(({ isBiggerBetter }) => !isBiggerBetter) },
      { name: 'gha-bigger-is-better.json', kept: metrics.filter(({ isBiggerBetter }) => isBiggerBetter) },
    ]
      .filter(({ kept }) => kept.length > 0)
      .map(({ name, kept }) => ({ name, text: json(kept.map((metric) => entry(input, metric))) }));
    return files.length === 0 ? { unexportable: 'nothing that can be compared was measured' } : { files };
  },
};
