import { BenchError } from '../../base/errors.ts';
import { readYaml } from '../../cli/library.ts';
import { detectors } from '../../detectors/index.ts';
import { generators } from '../../generators/index.ts';
import { isUnavailable } from '../../model/artifacts.ts';
import type { Corpus } from '../../model/corpus.ts';
import { parseProfile } from '../../model/parse-profile.ts';
import type { ResolvedProfile } from '../../model/profile.ts';
import type { GatheredRun, SampleTable } from '../../model/samples.ts';
import { artifactsOf } from '../../phases/analyze/artifacts.ts';
import { findingsOf } from '../../phases/analyze/findings.ts';
import { artifactsWithoutFiles } from '../../phases/analyze/others-files.ts';
import { openCorpus } from '../../phases/corpus/open-corpus.ts';
import { parseOptions } from '../../reference-server/options.ts';
import { simServices } from './services.ts';
import { type SimRun, simulateRun } from './sim-run.ts';
import { type Miss, missesOf, type Variant } from './variants.ts';

const mib = 1024 ** 2;
const gib = 1024 ** 3;
const hostBytes = 64 * gib;
const usualDeviceMib = 16 * 1024;
const swapBytes = 8 * gib;
/** Where it is asked what was known before a kill. */
const beforeKillMs = 500;
/** Less than so long above the level of the first warning is no warning that anybody could use. */
const usefulWarningMs = 5000;
const warningRatio = 0.8;

const profiles = new Map<string, ResolvedProfile>();
const corpora = new Map<string, Corpus>();

function held<V>(map: Map<string, V>, name: string, make: () => V): V {
  const known = map.get(name) ?? make();
  map.set(name, known);
  return known;
}

function profileOf(name: string): ResolvedProfile {
  return held(profiles, name, () => {
    const { text, fileName } = readYaml('profiles', name);
    return parseProfile(
      text,
      fileName,
      detectors.map(({ id }) => id),
    );
  });
}

function corpusOf(name: string): Corpus {
  return held(corpora, name, () => {
    const { text, fileName } = readYaml('corpora', name);
    return openCorpus(text, fileName, generators);
  });
}

function optionsOf({ fault, expectation, fixes }: Variant): ReturnType<typeof parseOptions> {
  const knobs = Object.entries(expectation.knobs ?? {}).flatMap(([name, value]) => ['--knob', `${name}=${value}`]);
  return parseOptions(['--port', '0', '--fault', fault.id, ...fixes.flatMap((fix) => ['--fix', fix]), ...knobs]);
}

/** The run of a variant in the modelled world; null if its server refuses to start. */
export async function simulateVariant(variant: Variant, seed: number): Promise<SimRun | null> {
  const { fault, expectation } = variant;
  const profile = profileOf(expectation.profile);
  const start = simServices[fault.service ?? 'speech'];
  if (start === undefined) {
    throw new Error(`there is no model of the service ${fault.service}`);
  }
  const limitBytes = expectation.memoryLimitMib === null ? null : expectation.memoryLimitMib * mib;
  try {
    return await simulateRun({
      profile: { ...profile, adapter: expectation.adapter ?? profile.adapter },
      corpus: corpusOf(expectation.corpus ?? profile.corpus),
      knobs: optionsOf(variant).values,
      start,
      size: {
        limitBytes,
        memoryBytes: Math.max(hostBytes, (limitBytes ?? 0) * 1.25),
        swapBytes,
        deviceBytes: (expectation.deviceMib ?? usualDeviceMib) * mib,
      },
      seed,
    });
  } catch (error: unknown) {
    if (error instanceof BenchError && error.code === 'TARGET_FAILED_TO_START') {
      return null;
    }
    throw error;
  }
}

/** The same run as if it had ended there. */
function until(run: GatheredRun, endMs: number): GatheredRun {
  const samples: SampleTable = {
    ...run.samples,
    series: (scope, instance, metric) => {
      const whole = run.samples.series(scope, instance, metric);
      const count = whole === null ? 0 : whole.tMs.filter((tMs) => tMs < endMs).length;
      return whole === null ? null : { tMs: whole.tMs.slice(0, count), values: whole.values.slice(0, count) };
    },
  };
  const { measured } = run.manifest;
  return {
    ...run,
    manifest: { ...run.manifest, measured: measured === null ? null : { ...measured, endMs } },
    records: run.records
      .filter(({ startMs }) => startMs !== null && startMs < endMs)
      .map((one) => (one.endMs !== null && one.endMs < endMs ? one : { ...one, endMs, outcome: 'in_flight_at_end' })),
    samples,
    events: run.events.filter(({ tMs }) => tMs < endMs),
  };
}

/** The analysis of a run up to its findings; what the page draws beside them is left out. */
function judge(run: GatheredRun): ReturnType<typeof findingsOf> {
  const { profile, measured } = run.manifest;
  const endMs = measured?.endMs ?? 0;
  const judged = { artifacts: artifactsOf(run, endMs), withoutFiles: () => artifactsWithoutFiles(run, endMs) };
  return findingsOf(judged, detectors, { profile, guard: null, guardRatio: null, confirming: '' }, null);
}

/** How long memory stood above the level of the first warning before the kill. */
function warningMs(run: GatheredRun, killMs: number): number {
  const { footprint, limit } = artifactsOf(run, run.manifest.measured?.endMs ?? 0);
  if (isUnavailable(footprint) || isUnavailable(limit)) {
    return Number.POSITIVE_INFINITY;
  }
  const { tMs, values } = footprint.total;
  const below = tMs.findLastIndex(
    (atMs, index) => atMs < killMs && (values[index] ?? Number.NaN) < warningRatio * limit.bytes,
  );
  return below < 0 ? Number.POSITIVE_INFINITY : killMs - (tMs[below] ?? 0);
}

function lateMiss({ expectation, name }: Variant, { run, firstKillMs }: SimRun): Miss | null {
  const early = name === 'faulty' ? (expectation.early ?? []) : [];
  if (early.length === 0 || firstKillMs === null) {
    return null;
  }
  const { findings } = judge(until(run, firstKillMs - beforeKillMs));
  const told = findings.filter(({ detector }) => early.includes(detector));
  const [first] = told;
  const isTold = told.some(({ verdict }) => verdict === 'warn' || verdict === 'fail');
  return first === undefined || isTold || warningMs(run, firstKillMs) < usefulWarningMs
    ? null
    : { ...first, detector: early.join('|'), expected: 'warn or fail before the kill' };
}

/** What a simulated run of the variant shows that is not as its data expect. */
export async function judgeVariant(variant: Variant, seed: number): Promise<readonly Miss[]> {
  const simulated = await simulateVariant(variant, seed);
  const { expected } = variant;
  if (simulated === null || expected === 'refuses') {
    const isExpected = simulated === null && expected === 'refuses';
    const verdict = 'inconclusive' as const;
    return isExpected ? [] : [{ detector: 'start', verdict, expected: 'whether it starts', summary: '' }];
  }
  const { findings, runtimeErrors } = judge(simulated.run);
  const late = lateMiss(variant, simulated);
  const failures = runtimeErrors.map(({ where, stack }) => ({
    detector: where,
    verdict: 'inconclusive' as const,
    expected: 'no error',
    summary: stack,
  }));
  return [...missesOf(findings, expected), ...failures, ...(late === null ? [] : [late])];
}
