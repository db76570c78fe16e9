import { mostRepeats } from '../../computed/search-repeat.ts';
import type { Corpus } from '../../model/corpus.ts';
import { profileHash } from '../../model/parse-profile.ts';
import type { Plan, PlannedStage, PlanRow, StageRows } from '../../model/plan.ts';
import type { ExecutorId, Load, Rate, ResolvedProfile, StageKind } from '../../model/profile.ts';
import { ratesOf, requestCount } from './rates.ts';
import { mostSearchSteps } from './search.ts';

export interface PlanSummaryStage {
  name: string;
  kind: StageKind;
  durationMs: number;
  executor: ExecutorId | null;
  loadModel: 'open' | 'closed' | null;
  /** As written: `0.8/s`, `1.2 x warmup audio-seconds`. */
  rates: readonly string[];
  /** At most, where VUs may run out of time; null: not known before the run, `requestsKnown` says why. */
  requests: number | null;
  requestsKnown: 'before the run' | 'resolved at run time' | 'as many as are answered';
  bytes: number | null;
  audioSeconds: number | null;
  /** Bodies in flight if each were the largest of the corpus. */
  maxBytesInFlight: number;
}

/** What `bench plan` prints. Sums cover the stages whose requests are known before the run. */
export interface PlanSummary {
  profile: string;
  question: string;
  profileHash: string;
  planHash: string;
  corpus: { name: string; digest: string; items: number };
  scale: number;
  seed: number;
  /** Longest that all stages take together, and the search after them. */
  durationMs: number;
  stages: readonly PlanSummaryStage[];
  /** null for a profile without a capacity search. */
  search: { fromVus: number; toVus: number; mostSteps: number; longestMs: number } | null;
  knownRequests: number;
  knownBytes: number;
  knownAudioSeconds: number | null;
  peakBytesInFlight: number;
}

function rateText(rate: Rate): string {
  return typeof rate === 'number'
    ? `${rate}/s`
    : `${rate.times} x ${rate.of} ${rate.unit === 'requests' ? 'rps' : 'audio-seconds'}`;
}

export function loadModelOf(load: Load): 'open' | 'closed' {
  switch (load.executor) {
    case 'constant-vus':
    case 'ramping-vus':
    case 'shared-iterations':
    case 'per-vu-iterations':
      return 'closed';
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
    case 'burst':
      return 'open';
  }
}

function mostInFlight(load: Load | null): number {
  switch (load?.executor) {
    case 'constant-vus':
    case 'shared-iterations':
    case 'per-vu-iterations':
      return load.vus;
    case 'ramping-vus':
      return Math.max(load.fromVus, load.toVus);
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
      return load.maxInFlight;
    case 'burst':
      return Math.min(load.maxInFlight, load.size * load.repeats);
    case undefined:
      return 0;
  }
}

/** null as soon as one item has no such trait. */
function sumOfAudioSeconds(items: Corpus['items']): number | null {
  return items.reduce<number | null>((sum, item) => {
    const seconds = item.traits['audioSeconds'];
    return sum === null || seconds === undefined ? null : sum + seconds;
  }, 0);
}

/** Every row that is known before the run; null where the target's pace decides how many there are. */
function knownRows(load: Load, rows: StageRows): readonly PlanRow[] | null {
  if (rows.model === 'open') {
    return rows.rows;
  }
  if (requestCount(load) === null) {
    return null;
  }
  const drawn: PlanRow[] = [];
  for (let slot = 0; slot < rows.slots; slot += 1) {
    for (let row = rows.draw(slot, 0), turn = 1; row !== null; row = rows.draw(slot, turn), turn += 1) {
      drawn.push(row);
    }
  }
  return drawn;
}

function stageSummary(plan: Plan, { index, stage, refersTo }: PlannedStage, largestBytes: number): PlanSummaryStage {
  const { load } = stage;
  const rows = refersTo.length === 0 ? plan.rows(index, new Map()) : null;
  const head = {
    name: stage.name,
    kind: stage.kind,
    durationMs: stage.durationMs,
    executor: load?.executor ?? null,
    loadModel: load === null ? null : loadModelOf(load),
    rates: ratesOf(load).map(({ rate }) => rateText(rate)),
    maxBytesInFlight: mostInFlight(load) * largestBytes,
  } as const;
  const known = load === null ? [] : rows === null ? null : knownRows(load, rows);
  if (known === null) {
    const requestsKnown = rows === null ? 'resolved at run time' : 'as many as are answered';
    return { ...head, requests: null, requestsKnown, bytes: null, audioSeconds: null };
  }
  const items = known.map((row) => row.item);
  return {
    ...head,
    requests: items.length,
    requestsKnown: 'before the run',
    bytes: items.reduce((sum, item) => sum + item.bytes, 0),
    audioSeconds: sumOfAudioSeconds(items),
  };
}

function searchSummary({ search }: ResolvedProfile): PlanSummary['search'] {
  if (search === null) {
    return null;
  }
  const { fromVus, toVus, stepMs, lullMs } = search;
  const mostSteps = mostSearchSteps(search) + mostRepeats;
  return { fromVus, toVus, mostSteps, longestMs: mostSteps * (stepMs + lullMs) };
}

export function planSummary(plan: Plan, corpus: Corpus, profile: ResolvedProfile): PlanSummary {
  const largestBytes = corpus.items.reduce((largest, item) => Math.max(largest, item.bytes), 0);
  const stages = plan.stages.map((planned) => stageSummary(plan, planned, largestBytes));
  const known = stages.filter((stage) => stage.requests !== null);
  const search = searchSummary(profile);
  const searchBytesInFlight = (search?.toVus ?? 0) * largestBytes;
  return {
    profile: profile.name,
    question: profile.question,
    profileHash: profileHash(profile, corpus.digest),
    planHash: plan.hash,
    corpus: { name: corpus.name, digest: corpus.digest, items: corpus.items.length },
    scale: profile.scale,
    seed: profile.seed,
    durationMs: stages.reduce((sum, stage) => sum + stage.durationMs, search?.longestMs ?? 0),
    stages,
    search,
    knownRequests: known.reduce((sum, stage) => sum + (stage.requests ?? 0), 0),
    knownBytes: known.reduce((sum, stage) => sum + (stage.bytes ?? 0), 0),
    knownAudioSeconds: known.some((stage) => stage.audioSeconds === null)
      ? null
      : known.reduce((sum, stage) => sum + (stage.audioSeconds ?? 0), 0),
    peakBytesInFlight: stages.reduce((peak, stage) => Math.max(peak, stage.maxBytesInFlight), searchBytesInFlight),
  };
}
