import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { leastFloors } from '../../base/leak-rule.ts';
import { formatBytes } from '../../base/units.ts';
import { leastLateRatio, notableBytes } from '../../computed/leak.ts';
import { detectors } from '../../detectors/index.ts';

/** Simulated runs of each shape and length. */
export const defaultSeries = 150;
/** First rounds of a run, and as many fresh ones. */
export const lengths = [8, 12];
/** From the root of the repository, where npm starts its scripts. */
export const statisticsPath = resolve('src/detectors/STATISTICS.md');

/** All that stands above the tables, so that a test can hold it against the constants. */
export function pageHead(series: number): string {
  const { version } = JSON.parse(readFileSync(resolve('package.json'), 'utf8')) as { version: string };
  const constants = [
    ['simulated runs of a shape and length', String(series)],
    ['seed of a run', 'its shape, length and number, from 0 on'],
    ['detectors on each run', String(detectors.length)],
    ['headroom', version],
    ['fewest floors', String(leastFloors)],
    ['least growth of floors', formatBytes(notableBytes)],
    ['later half over earlier half, both series together', `>= ${leastLateRatio}`],
  ];
  return [
    '# How often the detectors are right',
    '',
    'Made by `npm run bench:detectors -- --write`; not edited by hand. What each detector does stands in',
    '[README.md](README.md).',
    '',
    'A base of 500 MiB, 3 s of load and 12 s of quiet a round, one sample a second, noise of 1 MiB on each: so 1 % a',
    'round is 4 % a minute. All detectors judge each run, beside a server that is healthy in every other respect.',
    '`fails` counts runs that any of them failed, for a leak those that the detector of its kind failed.',
    '',
    '| | |',
    '| --- | --- |',
    ...constants.map(([name, value]) => `| ${name} | ${value} |`),
  ].join('\n');
}

export function pageText(series: number, tables: readonly string[]): string {
  const [harmless, leaks, silences, ramps] = tables;
  return [
    pageHead(series),
    `## Rounds of a harmless server\n\n${harmless}`,
    `## Rounds of a server that grows\n\nA leak in only some of the rounds stays weak, and so does one below 1 % a round: more rounds find it.\n\n${leaks}`,
    `## 100 s of silence after a load\n\nHere \`fails\` is that of any detector for a harmless shape, of growth-without-load for one that grows.\n\n${silences}`,
    `## Time to the limit, asked at half of the way\n\n${ramps}\n`,
  ].join('\n\n');
}
