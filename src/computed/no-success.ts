import type { Finding } from '../model/detector.ts';
import type { Manifest } from '../model/manifest.ts';
import { type Outcome, outcomes, type RequestRecord } from '../model/record.ts';

/** Below it a few failures prove nothing (PROTOCOL 6.4). */
const leastSent = 10;

/** Failing findings that say why a rightly asked server answered nothing: it died, hung, was full, or said that it failed. */
const explaining: ReadonlySet<string> = new Set([
  'oom-kill',
  'process-restart',
  'low-headroom',
  'concurrency-amplification',
  'memory-stall',
  'event-loop-stall',
  'probe-failure',
  'endpoint-wedge',
  'unread-sockets',
  'device-idle-under-load',
  'zombie-work',
  'unanswered-tasks',
  'fd-exhaustion',
  'silent-failure',
  'masked-failure',
]);

export interface NoSuccessInput {
  manifest: Pick<Manifest, 'profile'>;
  records: readonly RequestRecord[];
  findings: readonly Finding[];
}

/** Why the load was not the load that was planned: nothing of it succeeded, and no finding says why; null: it was. */
export function noSuccess({ manifest, records, findings }: NoSuccessInput): string | null {
  const apart = new Set(
    manifest.profile.stages.filter(({ kind }) => kind === 'warmup' || kind === 'canary').map(({ name }) => name),
  );
  const isLoad = ({ stage }: RequestRecord): boolean => !apart.has(stage);
  const succeeded = records.filter(({ outcome }) => outcome === 'ok');
  if (succeeded.some(isLoad)) {
    return null;
  }
  // Where the warm-up failed too, stages whose rate it was to give (PROTOCOL 3.2) have sent nothing.
  const answeredApart = succeeded.length;
  const sent = records.filter((record) => wasSent(record.outcome) && (answeredApart === 0 || isLoad(record)));
  const asked = new Set(sent.map(({ seq, retryOf }) => retryOf ?? seq)).size;
  if (asked < leastSent || findings.some(explains)) {
    return null;
  }
  return [
    `No request of ${sent.length} succeeded (${countsOf(sent)}${firstBad(sent)}): the load that was planned was not the load that the server worked on.`,
    answeredApart === 0
      ? 'Check adapter, corpus, model and template with `bench doctor --target URL --try`, and then one stage with `--only STAGE`.'
      : `${answeredApart} were answered in warm-up or canary, so see what the load asks for beyond that, and the server's log.`,
  ].join(' ');
}

/** A client that lets go because the profile says so waits for no answer. */
function wasSent(outcome: Outcome): boolean {
  return outcome !== 'dropped' && outcome !== 'cancelled';
}

function explains({ detector, verdict, evidence }: Finding): boolean {
  // Health that was never good may have been asked on a wrong path, like everything else.
  const wasNeverGood = detector === 'probe-failure' && evidence['asked'] === evidence['unanswered'];
  return verdict === 'fail' && explaining.has(detector) && !wasNeverGood;
}

function countsOf(records: readonly RequestRecord[]): string {
  const counts = new Map<Outcome, number>();
  for (const { outcome } of records) {
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  return outcomes
    .filter((outcome) => counts.has(outcome))
    .map((outcome) => `${counts.get(outcome)} ${outcome}`)
    .join(', ');
}

/** The first reply that was bad, by the time at which it came; a request without an end told nothing. */
function firstBad(records: readonly RequestRecord[]): string {
  let first: RequestRecord | null = null;
  for (const record of records) {
    if (record.endMs !== null && (first?.endMs == null || record.endMs < first.endMs)) {
      first = record;
    }
  }
  if (first === null || (first.status === null && first.errorCode === null)) {
    return '';
  }
  const { status, errorCode } = first;
  const code = errorCode === null || errorCode === `http_${status}` ? null : `\`${errorCode}\``;
  const told = [status === null ? null : `HTTP ${status}`, code].filter((text) => text !== null).join(' ');
  return `; the first in \`${first.stage}\`: ${told}`;
}
