import { escapeHtml } from '../base/escape-html.ts';
import { formatBytes } from '../base/units.ts';
import type { RunResult } from '../model/result.ts';
import type { Block, ReportSection } from '../model/section.ts';
import { definitionList } from './wording/definition-list.ts';
import { eachRun } from './wording/each-run.ts';

/** Another model is another measurement, so its name stands beside the target's. */
function sentAs({ wire }: RunResult): readonly (readonly [string, string])[] {
  if (wire === undefined || wire.adapter === 'none') {
    return [];
  }
  return [['sent as', wire.model === null ? wire.adapter : `${wire.adapter}, model ${wire.model}`]];
}

function environmentOf(result: RunResult): readonly Block[] {
  const { target, profile, corpus } = result;
  const limit = target.memoryLimit;
  const device = target.device.kind === null ? 'none observed' : target.device.kind;
  const sources = Object.entries(result.sources);
  return [
    definitionList([
      ['target', target.url],
      ...sentAs(result),
      ['observed as', target.observed],
      ['limit set by us', limit === null ? 'none' : `${formatBytes(limit.bytes)}, ${limit.how}`],
      ['device', target.device.why === null ? device : `${device}: ${target.device.why}`],
      ['host class', result.hostClass],
      ...Object.entries(result.environment),
      ['profile', `${profile.name}, scale ${profile.scale}, ${profile.hash.slice(0, 16)}`],
      ['corpus', `${corpus.name}, ${corpus.digest.slice(0, 16)}`],
      ['plan', result.planHash.slice(0, 16)],
    ]),
    ...(sources.length === 0
      ? []
      : [
          {
            type: 'table' as const,
            caption: 'Files that this page is a function of',
            headings: ['file', 'SHA-256'],
            rows: sources,
          },
        ]),
    { type: 'heading', level: 3, text: 'Run it again' },
    { type: 'html', html: `<pre tabindex="0"><code>${escapeHtml(result.command)}</code></pre>` },
  ];
}

export const environment: ReportSection = {
  id: 'environment',
  title: 'Environment',
  render: (results) => eachRun(results, environmentOf),
};
