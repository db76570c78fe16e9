import { quantile } from '../../base/statistics.ts';
import { confirmingCommand, quoted } from '../../computed/confirming.ts';
import { isCut } from '../../computed/cut-run.ts';
import { fullBeforeLoad } from '../../computed/full-before-load.ts';
import { latencyCurves } from '../../computed/latency-curve.ts';
import { neighbourStages } from '../../computed/neighbour.ts';
import { isConfirmed } from '../../computed/search-answer.ts';
import { searchOutcome } from '../../computed/search-outcome.ts';
import { searchSteps } from '../../computed/search-steps.ts';
import { maximum } from '../../computed/series.ts';
import { runEnd, sendsLoad } from '../../computed/stages.ts';
import { validity } from '../../computed/validity.ts';
import { requestsUnknown } from '../../computed/watched.ts';
import { type GatheredArtifacts, isUnavailable, type RunEvent } from '../../model/artifacts.ts';
import type { Detector, DetectorContext, Finding } from '../../model/detector.ts';
import type { Manifest } from '../../model/manifest.ts';
import { type RunResult, schemaVersion } from '../../model/result.ts';
import type { GatheredRun } from '../../model/samples.ts';
import { artifactsOf, type RunArtifacts } from './artifacts.ts';
import { capacityResult } from './capacity.ts';
import { findingsOf } from './findings.ts';
import { memoryAgainstLoad, roundLines } from './lines.ts';
import { minuteRows } from './minutes.ts';
import { artifactsWithoutFiles } from './others-files.ts';
import { deviceLevels, memoryParts } from './parts.ts';
import { predictionOf } from './prediction.ts';
import { resultSeries } from './series.ts';
import { requestSummary, stageResults } from './stages.ts';

/**
 * records, samples, events -> artifacts -> detectors -> findings -> verdict
 *                                      -> validity
 *                                      -> stages, minutes, prediction, drawn series
 * The same run gives the same result: nothing is read but what was gathered.
 */
export function analyze(run: GatheredRun, detectors: readonly Detector[]): RunResult {
  const { manifest, records, events } = run;
  const endMs = runEnd(events, manifest.measured?.endMs ?? null);
  const artifacts = artifactsOf(run, endMs);
  // A search may go on after a stop (PROTOCOL 3.8): the last one is the run's.
  const guardStop = events.findLast((event) => event.kind === 'guard_stop');
  const unrecorded = requestsUnknown(run);
  const judged = { artifacts, withoutFiles: once(() => artifactsWithoutFiles(run, endMs)) };
  const { findings, runtimeErrors } = findingsOf(judged, detectors, contextOf(run, guardStop), unrecorded);
  const requests = requestSummary(records, manifest.corpus.meanAudioSeconds);
  const { footprint, client, ladder } = artifacts;
  // Without memory no number of a search is confirmed, but its steps are told.
  const search = isUnavailable(ladder) ? searchOutcome(manifest.profile, searchSteps(records, events)) : ladder.search;
  // A run whose harness was killed is still `running` in its manifest.
  const status = manifest.status === 'running' ? 'aborted' : manifest.status;
  return {
    schemaVersion,
    runId: manifest.runId,
    tool: manifest.tool,
    startedAt: manifest.startedAt,
    status,
    profile: {
      name: manifest.profile.name,
      hash: manifest.profileHash,
      question: manifest.profile.question,
      scale: manifest.profile.scale,
    },
    planHash: manifest.planHash,
    corpus: {
      name: manifest.corpus.name,
      digest: manifest.corpus.digest,
      content: manifest.corpus.content,
      items: manifest.corpus.items,
    },
    measurementVersion: manifest.measurementVersion,
    session: manifest.session,
    subject: manifest.subject,
    hostClass: manifest.hostClass,
    comparability: manifest.comparability,
    engine: manifest.engine,
    wire: { adapter: manifest.adapter, model: manifest.model ?? null },
    target: { ...manifest.target, device: deviceKindOf(artifacts, manifest) },
    sources: run.sources,
    validity: isUnavailable(client)
      ? { state: 'invalid', reasons: [client.reason], codes: ['harness-unobserved'] }
      : validity({
          manifest,
          records,
          events,
          client,
          latencyMs: requests.latencyMs,
          findings,
          targetUnobserved: isUnavailable(footprint) ? footprint.reason : null,
        }),
    verdict: overallVerdict(findings, manifest.profile.requires, { status, requests, search }),
    findings,
    stages: stageResults(artifacts, manifest.corpus.meanAudioSeconds),
    events: events.map(({ tMs, kind, subject, detail }) => ({ tMs, kind, subject, detail })),
    requests,
    memory: {
      ...memoryOf(artifacts),
      parts: memoryParts(artifacts),
      devices: deviceLevels(artifacts),
      perMinute: minuteRows(artifacts, manifest.profile.scale, endMs, unrecorded === null),
    },
    prediction: predictionOf(artifacts, guardStop?.tMs ?? null, manifest.profile.scale),
    ...capacityResult(artifacts, manifest.profile.scale, null),
    search,
    neighbour: neighbourOf(artifacts, manifest),
    guardRatio: manifest.guardRatio,
    guard: guardStop === undefined ? null : guardOf(artifacts, guardStop),
    harness: harnessOf(artifacts, manifest),
    series: resultSeries(artifacts, run.samples, { endMs, hasRequests: unrecorded === null }),
    memoryAgainstLoad: memoryAgainstLoad(artifacts),
    roundLines: roundLines(artifacts),
    latencyCurves: unrecorded === null ? latencyCurves(records) : null,
    environment: manifest.host,
    command: ['bench', ...manifest.argv].map(quoted).join(' '),
    notObserved: manifest.notObserved,
    runtimeErrors,
  };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function guardOf({ stages, events }: RunArtifacts, stop: RunEvent): RunResult['guard'] {
  const after = stages.filter(({ endMs }) => endMs > stop.tMs);
  // Before the first load, or between two, it is no time after the load.
  const loads = stages.filter(sendsLoad);
  const isLast = loads.length > 0 && loads.every(({ startMs }) => startMs <= stop.tMs);
  const rest = after.findLast((stage) => !sendsLoad(stage) && stage.kind !== 'cooldown');
  return {
    stoppedAtMs: stop.tMs,
    reason: stop.detail,
    watchedUntilMs: isLast ? (rest?.endMs ?? null) : null,
    restEnded: events.find(({ kind }) => kind === 'guard_end')?.detail ?? null,
  };
}

/** A server that we did not start does not say which device it has; what was sampled of it does. */
function deviceKindOf({ device }: GatheredArtifacts, { target }: Manifest): RunResult['target']['device'] {
  return target.device.kind !== null || isUnavailable(device) ? target.device : { kind: device.kind, why: null };
}

function contextOf(run: GatheredRun, stop: RunEvent | undefined): DetectorContext {
  const { manifest } = run;
  return {
    profile: manifest.profile,
    confirming: confirmingCommand(manifest),
    guard:
      stop === undefined
        ? null
        : {
            stoppedAtMs: stop.tMs,
            reason: stop.detail,
            isTargetLimit: stop.subject === 'target',
            wasUnloaded: fullBeforeLoad(run) !== null,
          },
    guardRatio: manifest.guardRatio,
  };
}

/** So many sent and none answered: whatever was held then was not held under work. */
const leastSent = 10;

/**
 * `fail` if any finding fails; else `warn`; else `inconclusive` if a required one is, if requests were sent and none
 * was answered, if a search confirmed no number, or if the run was cut; else `ok` (PROTOCOL 7.2).
 */
export function overallVerdict(
  findings: readonly Finding[],
  requires: readonly string[],
  run: Pick<RunResult, 'status' | 'search'> & { requests: Pick<RunResult['requests'], 'planned' | 'outcomes'> },
): RunResult['verdict'] {
  const has = (verdict: Finding['verdict']): boolean => findings.some((finding) => finding.verdict === verdict);
  if (has('fail')) {
    return 'fail';
  }
  if (has('warn')) {
    return 'warn';
  }
  const unanswered = findings.some(
    (finding) => finding.verdict === 'inconclusive' && requires.includes(finding.detector),
  );
  const { planned, outcomes } = run.requests;
  const didNoWork = outcomes.ok === 0 && planned - outcomes.dropped >= leastSent;
  const foundNothing = run.search !== null && !isConfirmed(run.search);
  return unanswered || didNoWork || foundNothing || isCut(run) ? 'inconclusive' : 'ok';
}

function neighbourOf({ neighbour, stages }: RunArtifacts, { profile }: Manifest): RunResult['neighbour'] {
  return isUnavailable(neighbour) || profile.neighbour === null
    ? null
    : {
        adapter: profile.neighbour.adapter,
        everyMs: profile.neighbour.everyMs,
        requests: requestSummary(neighbour, null),
        stages: neighbourStages(neighbour, stages),
      };
}

function memoryOf({
  footprint,
  limit,
}: GatheredArtifacts): Omit<RunResult['memory'], 'perMinute' | 'parts' | 'devices'> {
  const seen = isUnavailable(footprint) ? null : footprint;
  return {
    limitBytes: isUnavailable(limit) ? null : limit.bytes,
    limitSource: isUnavailable(limit) ? null : limit.source,
    baselineBytes: seen?.baselineBytes ?? null,
    peakBytes: seen?.peakBytes ?? null,
    peakSource: seen?.peakSource ?? null,
    peakHolder: seen?.peakHolder ?? null,
    floorBytes: seen?.floorBytes ?? null,
  };
}

function harnessOf({ client }: GatheredArtifacts, { measured }: Manifest): RunResult['harness'] {
  const own = isUnavailable(client) ? null : client;
  const cpuSeconds = own?.samplerCpuSeconds ?? null;
  return {
    rssPeakBytes: own === null ? null : (maximum(own.rssBytes)?.value ?? null),
    cpuSeconds: own?.cpuSeconds ?? null,
    eventLoopLagP99Ms: own === null ? null : quantile(own.eventLoopLagMs.values, 0.99),
    dispatchLatenessP99Ms: own === null ? null : quantile(own.latenessMs, 0.99),
    samplerCostMsPerSample: measured?.samplerCostMs?.p50 ?? null,
    samplerCpuShare: cpuSeconds === null || measured === null ? null : cpuSeconds / (measured.endMs / 1000),
    missedSamples: measured?.missedSamples ?? null,
    expectedSamples: measured?.expectedSamples ?? null,
  };
}
