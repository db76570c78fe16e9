import { formatDuration, formatShare } from '../../base/units.ts';
import type { Sample } from '../../model/probe.ts';
import type { AbortCondition, Stage } from '../../model/profile.ts';
import type { RequestRecord } from '../../model/record.ts';
import { EndedWindow } from './ended-window.ts';

/** Fewer say nothing of a share or a percentile. */
const leastRequests = 10;

export interface AbortStop {
  when: AbortCondition['when'];
  reason: string;
}

/** Latency of a request that the target answered, Infinity of one that it failed; null where our own side ended it. */
function latencyOf({ outcome, endMs, plannedMs }: RequestRecord): number | null {
  switch (outcome) {
    case 'ok':
      return endMs === null ? null : endMs - plannedMs;
    case 'http_error':
    case 'semantic_error':
    case 'timeout':
    case 'refused':
    case 'reset':
    case 'closed_early':
      // A failure must never lower a percentile (PROTOCOL 5.2).
      return Number.POSITIVE_INFINITY;
    case 'dropped':
    case 'cancelled':
    case 'in_flight_at_end':
      return null;
  }
}

/**
 * records of load stages -> share failed, p95 in the window -+
 * health answers         -> span without a good one         -+-> above its bound -> stop, once
 * Not the guard (PROTOCOL 3.6): it looks at how the target answers, and ends a load that has nothing more to tell.
 */
export class AbortWatch {
  readonly #conditions: readonly AbortCondition[];
  readonly #judged: ReadonlySet<string>;
  readonly #keptMs: number;
  readonly #ended: EndedWindow;
  #firstPlannedMs: number | null = null;
  /** Times of the health answers that were bad, since the last good one. */
  #unhealthyMs: number[] = [];
  #hasStopped = false;

  constructor(conditions: readonly AbortCondition[], stages: readonly Stage[]) {
    this.#conditions = conditions;
    this.#judged = new Set(stages.filter(({ kind }) => kind === 'load').map(({ name }) => name));
    this.#keptMs = Math.max(0, ...conditions.map(({ forMs }) => forMs));
    const boundsMs = conditions.filter(({ when }) => when === 'p95-ms').map(({ above }) => above);
    this.#ended = new EndedWindow(this.#keptMs, boundsMs);
  }

  /** A request that has ended. */
  request(record: RequestRecord): void {
    const latencyMs = latencyOf(record);
    if (this.#keptMs > 0 && latencyMs !== null && this.#judged.has(record.stage)) {
      this.#ended.add(record.endMs ?? record.plannedMs, latencyMs);
      this.#firstPlannedMs ??= record.plannedMs;
    }
  }

  /** One tick of the sampler. Answers once, and null ever after. */
  observe(samples: readonly Sample[], tMs: number): AbortStop | null {
    const isGood = samples.find(({ scope, metric }) => scope === 'target' && metric === 'health_ok')?.value;
    if (isGood === 1) {
      this.#unhealthyMs = [];
    } else if (isGood === 0) {
      this.#unhealthyMs.push(tMs);
    }
    this.#forget(tMs - this.#keptMs);
    if (this.#hasStopped) {
      return null;
    }
    for (const condition of this.#conditions) {
      const reason = this.#reasonOf(condition, tMs);
      if (reason !== null) {
        this.#hasStopped = true;
        return { when: condition.when, reason };
      }
    }
    return null;
  }

  #forget(beforeMs: number): void {
    this.#ended.forget(beforeMs);
    this.#unhealthyMs = this.#unhealthyMs.filter((tMs) => tMs >= beforeMs);
  }

  #reasonOf({ when, above, forMs }: AbortCondition, tMs: number): string | null {
    const fromMs = tMs - forMs;
    if (when === 'unhealthy-ms') {
      const firstMs = this.#unhealthyMs.find((atMs) => atMs >= fromMs);
      const spanMs = firstMs === undefined ? 0 : (this.#unhealthyMs.at(-1) ?? firstMs) - firstMs;
      return spanMs > above
        ? `health gave no good answer for ${formatDuration(spanMs)} (at most ${formatDuration(above)})`
        : null;
    }
    // A load that has just begun has not yet lasted as long as it is to be watched.
    const { ended, failed, slow, p95Ms } = this.#ended.since(fromMs);
    if (this.#firstPlannedMs === null || this.#firstPlannedMs > fromMs || ended < leastRequests) {
      return null;
    }
    const of = `of ${ended} requests in the last ${formatDuration(forMs)}`;
    if (when === 'error-ratio') {
      const share = failed / ended;
      return share > above ? `${failed} ${of} failed (${formatShare(share)}, at most ${formatShare(above)})` : null;
    }
    // The nearest rank of the p95 is above the bound exactly if too few are at most the bound.
    if (ended - (slow.get(above) ?? 0) >= Math.ceil(ended * 0.95)) {
      return null;
    }
    const p95 = Number.isFinite(p95Ms) ? `is ${formatDuration(p95Ms)}` : 'is a failure';
    return `the p95 ${of} ${p95} (at most ${formatDuration(above)})`;
  }
}
