import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import { findById } from '../../base/by-id.ts';
import { formatDuration } from '../../base/units.ts';
import { detectors } from '../../detectors/index.ts';
import { executors } from '../../executors/index.ts';
import { generators } from '../../generators/index.ts';
import type { Corpus } from '../../model/corpus.ts';
import { parseProfile, scaleProfile } from '../../model/parse-profile.ts';
import type { ResolvedProfile } from '../../model/profile.ts';
import { faults } from '../../reference-server/faults/index.ts';
import { openCorpus } from '../corpus/open-corpus.ts';
import { compilePlan, planSummary } from './plan.ts';

const folder = new URL('../../../profiles/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace('.yaml', ''));
const detectorIds = detectors.map(({ id }) => id);

function profileOf(name: string): ResolvedProfile {
  return parseProfile(readFileSync(new URL(`${name}.yaml`, folder), 'utf8'), `profiles/${name}.yaml`, detectorIds);
}

function corpusOf(name: string): Corpus {
  const text = readFileSync(new URL(`../../../corpora/${name}.yaml`, import.meta.url), 'utf8');
  return openCorpus(text, `corpora/${name}.yaml`, generators);
}

/** As profiles/README.md lists a profile: what it asks, against what, and how long it takes at most. */
function readmeRow(name: string): string {
  const profile = profileOf(name);
  const corpus = corpusOf(profile.corpus);
  const { durationMs } = planSummary(compilePlan({ profile, corpus, executors }), corpus, profile);
  return `| \`${name}\` | ${profile.question} | \`${profile.adapter}\`, \`${profile.corpus}\` | ${formatDuration(durationMs)} |`;
}

describe('profiles/', () => {
  const readme = readFileSync(new URL('README.md', folder), 'utf8').split('\n');

  it.each(names)('%s compiles against its corpus, and the README says what it asks and how long it takes', (name) => {
    expect(readme.filter((line) => line.startsWith(`| \`${name}\` |`))).toEqual([readmeRow(name)]);
  });

  it.each(names)('%s compiles at a tenth of its length too', (name) => {
    const profile = scaleProfile(profileOf(name), 0.1);
    const corpus = corpusOf(profile.corpus);
    expect(compilePlan({ profile, corpus, executors }).stages).toHaveLength(profile.stages.length);
  });

  // The job queue is a wire format in which the target calls us; without it in the list its profile cannot be checked.
  const isKnown = (name: string): boolean =>
    profileOf(name).adapter !== 'job-queue' || adapters.some(({ id }) => id === 'job-queue');

  it.each(names.filter(isKnown))('%s sends what its wire format can carry', (name) => {
    const { adapter: id, corpus } = profileOf(name);
    const adapter = findById('adapter', adapters, id);
    const carries = (mediaType: string): boolean => adapter.accepts.some((prefix) => mediaType.startsWith(prefix));
    expect(corpusOf(corpus).items.filter(({ mediaType }) => !carries(mediaType))).toEqual([]);
  });

  it('every profile for which a fault names its verdicts is there', () => {
    const named = new Set(faults.flatMap(({ expected }) => expected.map(({ profile }) => profile)));
    expect([...named].filter((name) => !names.includes(name))).toEqual([]);
  });
});
