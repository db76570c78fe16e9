import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultCase } from '../fault-case.ts';
import { startBench, withTarget } from '../programs.ts';
import { endTroubles, type RunPlace, wholeRows } from '../readback.ts';
import { runArguments, runPlace } from '../run-of-suite.ts';

const modes = ['mute', 'slow', 'endless', 'garbage', 'header-flood', 'markup'] as const;
/** Of the sending process; a healthy one of this profile takes about 100 MiB. */
const mostRssBytes = 512 * 1024 ** 2;
const spreadsheetRuns = /^[=+\-@\t\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}]/u;

function rssTroubles({ outFolder, runId }: RunPlace): string[] {
  const rss = wholeRows(join(outFolder, runId, 'samples.csv'))
    .filter(([, , , scope, instance, metric]) => `${scope}/${instance}/${metric}` === 'client/harness/rss_bytes')
    .map((row) => Number(row[6]));
  const most = Math.max(...rss);
  return most < mostRssBytes ? [] : [`the harness took ${(most / 1024 ** 2).toFixed(0)} MiB`];
}

/** Texts of the target reach tables and page; neither may be run by what opens them. */
function injectionTroubles({ outFolder, runId, reportsFolder }: RunPlace): string[] {
  const cells = ['requests.csv', 'samples.csv', 'events.csv'].flatMap((name) =>
    wholeRows(join(outFolder, runId, name)).flat(),
  );
  const runnable = cells.filter((cell) => spreadsheetRuns.test(cell) && Number.isNaN(Number(cell)));
  const page = readFileSync(join(reportsFolder, `${runId}.html`), 'utf8');
  return [
    ...(runnable.length === 0 ? [] : [`a cell that a spreadsheet runs: ${runnable[0]}`]),
    ...(page.includes('<script>alert(') ? ['the page holds a script of the target'] : []),
  ];
}

export function hostileTarget(): FaultCase {
  return {
    id: 'hostile-target',
    fault: `a target that is ${modes.join(', ')}`,
    mustHold: 'the run ends in time within 512 MiB, conserved and sealed; page and tables hold no script or formula',
    times: modes.length,
    atOnce: 1,
    missing: () => null,
    async once(place, nth) {
      const mode = modes[nth] ?? 'mute';
      const run = runPlace(place, `hostile-${mode}`);
      return await withTarget(['--mode', mode], async (target) => {
        const args = [...runArguments('tiny', target, run), '--metrics', `${target.url}/metrics`];
        const troubles = await endTroubles(run, await startBench(args).ended, [0, 1, 3]);
        const more = troubles.length > 0 ? [] : [...rssTroubles(run), ...injectionTroubles(run)];
        return [...troubles, ...more].map((trouble) => `${mode}: ${trouble}`);
      });
    },
  };
}
