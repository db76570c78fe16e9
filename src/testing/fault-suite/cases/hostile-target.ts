import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultCase } from '../fault-case.ts';
import { startBench, withTarget } from '../programs.ts';
import { endTroubles, type RunPlace, readResult, wholeRows } from '../readback.ts';
import { runArguments, runPlace } from '../run-of-suite.ts';

/** Each mode of target.js, and how the table tells it. */
const modes = {
  mute: 'a target that never answers',
  slow: 'a slow target: one byte each 0.1 s, without end',
  endless: 'an endless target: it pours a body as fast as it is read',
  garbage: 'a garbage target: random bytes in place of HTTP',
  'header-flood': 'a header flood: headers as fast as they are read',
  reset: 'a target that resets each connection',
  html: 'HTML injection: scripts in bodies, errors, headers and metrics',
  formula: 'formula injection: spreadsheet formulas in the same places',
} as const;
type Mode = keyof typeof modes;

/** Of the sending process, and of its sampler; healthy ones take about 100 MiB with this profile. */
const mostRssBytes = 512 * 1024 ** 2;
const spreadsheetRuns = /^[=+\-@\t\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}]/u;

function rssTroubles({ outFolder, runId }: RunPlace): string[] {
  return ['harness', 'sampler'].flatMap((who) => {
    const rss = wholeRows(join(outFolder, runId, 'samples.csv'))
      .filter(([, , , scope, instance, metric]) => `${scope}/${instance}/${metric}` === `client/${who}/rss_bytes`)
      .map((row) => Number(row[6]));
    const most = Math.max(...rss);
    return most < mostRssBytes ? [] : [`the ${who} took ${(most / 1024 ** 2).toFixed(0)} MiB`];
  });
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
    ...(/<script>alert\(|<img src=x onerror/.test(page) ? ['the page holds a script of the target'] : []),
  ];
}

function hostileTarget(mode: Mode): FaultCase {
  return {
    id: `target-${mode}`,
    fault: modes[mode],
    mustHold: 'ends in time within 512 MiB, conserved and sealed; page and tables hold no script or formula',
    times: 1,
    atOnce: 1,
    missing: () => null,
    async once(place) {
      const run = runPlace(place, `hostile-${mode}`);
      return await withTarget(['--mode', mode], async (target) => {
        const args = [...runArguments('tiny', target, run), '--metrics', `${target.url}/metrics`];
        const troubles = await endTroubles(run, await startBench(args).ended, [0, 1, 3]);
        if (troubles.length > 0) {
          return troubles;
        }
        for (const [outcome, count] of Object.entries(readResult(run).requests.outcomes)) {
          for (let nth = 0; nth < count; nth += 1) {
            place.staged(outcome);
          }
        }
        return [...rssTroubles(run), ...injectionTroubles(run)];
      });
    },
  };
}

export const hostileTargets = (): readonly FaultCase[] =>
  (Object.keys(modes) as Mode[]).map((mode) => hostileTarget(mode));
