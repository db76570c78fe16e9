import { plainText } from '../../base/escape-html.ts';
import { isCut } from '../../computed/cut-run.ts';
import { type MetricName, type NightMetric, nightMetrics } from '../../computed/gate/metrics.ts';
import type { ExportInput } from '../../model/exporter.ts';
import type { GateUnit } from '../../model/gate.ts';
import type { RunResult } from '../../model/result.ts';
import type { Results } from '../../model/section.ts';

function flawOf(result: RunResult): string | null {
  const { runId, validity, status } = result;
  if (validity.state === 'invalid') {
    return `${runId} is invalid: ${validity.reasons[0] ?? 'no reason was given'}`;
  }
  return isCut(result) ? `${runId} ${status}, so its numbers are those of a part` : null;
}

/** Why a tool that keeps a history must not get these numbers; null: it may. */
export function whyNotKept({ results, decision }: ExportInput): string | null {
  const flaw = decision?.state === 'invalid' ? decision.sentence : results.flatMap((result) => flawOf(result) ?? [])[0];
  return flaw === undefined ? null : withoutStop(plainText(flaw, 600));
}

/** For the middle of a sentence. */
export function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

/** Medians over the repeats; what was not measured is not in the list. */
export function sessionMetrics(results: Results): readonly NightMetric[] {
  return nightMetrics(results).filter(({ values }) => values.every((value) => Number.isFinite(value)));
}

/** Of the first repeat, RFC 3339. */
export function startOf(results: Results): string {
  return results.map(({ startedAt }) => startedAt).sort()[0] ?? results[0].startedAt;
}

const unitNames: Readonly<Record<GateUnit, string>> = { bytes: 'bytes', ms: 'ms', per_s: 'per-s' };

/** `peak-memory-bytes`, `throughput-per-s`: for formats that have no place for a unit. */
export function measureName({ id, unit }: Pick<NightMetric, 'id' | 'unit'>): string {
  return `${id}-${unitNames[unit]}`;
}

/** `profile/stage@device`; a stage or device that there is not is left out. */
export function placeName(profile: string, { stage, instance }: Pick<MetricName, 'stage' | 'instance'>): string {
  return plainText(`${profile}${stage === null ? '' : `/${stage}`}${instance === null ? '' : `@${instance}`}`, 400);
}

/** `profile/stage/metric@device`. */
export function metricName(profile: string, { id, stage, instance }: MetricName): string {
  const device = instance === null ? '' : `@${plainText(instance, 100)}`;
  return `${placeName(profile, { stage, instance: null })}/${id}${device}`;
}

/** A name that can leave no folder. */
export function safeFileName(text: string): string {
  return text.replaceAll(/[^\w.-]+/g, '-').replace(/^\.+/, '');
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
