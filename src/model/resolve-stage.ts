import { nearestName } from '../base/by-id.ts';
import { BenchError } from '../base/errors.ts';
import { parseBytes, parseDurationMs } from '../base/units.ts';
import type { ClientManners, ExecutorId, Load, Rate, Stage, StageKind } from './profile.ts';
import { ratePattern, type StageText } from './profile-schema.ts';

const defaultTimeout = '60s';
const defaultMaxInFlight = 256;

type StageKey = keyof StageText;
type RateKey = 'rate' | 'fromRate' | 'toRate';
type DurationKey = 'for' | 'thinkTime' | 'every' | 'timeout' | 'abandonAfter' | 'retryPause';

const everyStage: readonly StageKey[] = ['name', 'kind', 'for', 'timeout'];
const everyClient: readonly StageKey[] = ['abandonAfter', 'retries', 'retryPause', 'uploadRate', 'disconnectAt'];
const keysOf: Readonly<Record<ExecutorId, { needs: readonly StageKey[]; takes: readonly StageKey[] }>> = {
  'constant-vus': { needs: ['vus', 'for'], takes: ['thinkTime'] },
  'ramping-vus': { needs: ['fromVus', 'toVus', 'for'], takes: ['thinkTime'] },
  'shared-iterations': { needs: ['vus', 'iterations', 'for'], takes: ['thinkTime'] },
  'per-vu-iterations': { needs: ['vus', 'iterations', 'for'], takes: ['thinkTime'] },
  'constant-arrival-rate': { needs: ['rate', 'for'], takes: ['arrivals', 'maxInFlight'] },
  'ramping-arrival-rate': { needs: ['fromRate', 'toRate', 'for'], takes: ['arrivals', 'maxInFlight'] },
  burst: { needs: ['size'], takes: ['repeats', 'every', 'maxInFlight'] },
};

function sendsLoad(kind: StageKind): boolean {
  return kind === 'load' || kind === 'warmup' || kind === 'canary';
}

/** One stage as written, with where it stands; throws PROFILE_INVALID. */
class StageSource {
  readonly #text: StageText;
  readonly #earlier: readonly Stage[];
  readonly #place: (key: StageKey | null) => string;

  constructor(text: StageText, earlier: readonly Stage[], place: (key: StageKey | null) => string) {
    this.#text = text;
    this.#earlier = earlier;
    this.#place = place;
  }

  fail(key: StageKey | null, message: string, hint: string): BenchError {
    return new BenchError('PROFILE_INVALID', `${this.#place(key)}: ${message}`, { hint });
  }

  /** null where the key is not given. */
  durationMs(key: DurationKey, leastMs = 1): number | null {
    const text = this.#text[key];
    if (text === undefined) {
      return null;
    }
    const ms = Math.round(parseDurationMs(text) ?? 0);
    if (ms < leastMs) {
      throw this.fail(key, `${text} is too short.`, 'Give it at least 1ms.');
    }
    return ms;
  }

  rate(key: RateKey): Rate {
    const written = this.#text[key];
    if (typeof written !== 'string') {
      return written ?? 0;
    }
    const [, times = '', of = '', unit = ''] = ratePattern.exec(written) ?? [];
    if (Number(times) === 0) {
      throw this.fail(key, `the factor of "${written}" is 0.`, 'Give a factor above 0.');
    }
    const known = this.#earlier.filter((stage) => stage.load !== null).map((stage) => stage.name);
    if (!known.includes(of)) {
      const near = nearestName(of, known);
      const all = known.length === 0 ? 'There is none before this one.' : `Such stages: ${known.join(', ')}.`;
      throw this.fail(key, `"${of}" is no earlier stage with a load.`, near === null ? all : `Did you mean "${near}"?`);
    }
    return { times: Number(times), of, unit: unit === 'rps' ? 'requests' : 'audioSeconds' };
  }

  /** Also a key that the executor does not take is an error: it would look as if it did something. */
  checkKeys(executor: ExecutorId): void {
    const { needs, takes } = keysOf[executor];
    const lacking = needs.find((key) => this.#text[key] === undefined);
    if (lacking !== undefined) {
      throw this.fail(null, `executor ${executor} needs \`${lacking}\`.`, `Add \`${lacking}\` to this stage.`);
    }
    this.#refuseOthers([...everyStage, ...everyClient, 'executor', 'pick', ...needs, ...takes], `executor ${executor}`);
  }

  checkNoLoad(kind: StageKind): void {
    if (this.#text.executor !== undefined) {
      throw this.fail(
        'executor',
        `a stage of kind ${kind} has no load.`,
        'Remove `executor`, or make the kind load, warmup or canary.',
      );
    }
    this.#refuseOthers(everyStage, `a stage of kind ${kind}`);
  }

  #refuseOthers(allowed: readonly StageKey[], who: string): void {
    const other = (Object.keys(this.#text) as StageKey[]).find((key) => !allowed.includes(key));
    if (other !== undefined) {
      throw this.fail(other, `${who} takes no \`${other}\`.`, `Remove \`${other}\`.`);
    }
  }
}

function burstLoad(text: StageText, source: StageSource): Extract<Load, { executor: 'burst' }> {
  const size = text.size ?? 0;
  const repeats = text.repeats ?? 1;
  const everyMs = source.durationMs('every');
  if (repeats > 1 && everyMs === null) {
    throw source.fail('repeats', `${repeats} bursts need \`every\`.`, 'Add `every`, the time between two bursts.');
  }
  return { executor: 'burst', size, repeats, everyMs: everyMs ?? 0, maxInFlight: text.maxInFlight ?? size * repeats };
}

/** null for clients that send and wait. */
function resolveClient(text: StageText, timeoutMs: number, source: StageSource): ClientManners | null {
  const written = everyClient.filter((key) => text[key] !== undefined);
  if (written.length === 0) {
    return null;
  }
  const abandonAfterMs = source.durationMs('abandonAfter');
  const lost = (['retries', 'retryPause'] as const).find((key) => text[key] !== undefined);
  if (abandonAfterMs === null && lost !== undefined) {
    throw source.fail(lost, `\`${lost}\` needs \`abandonAfter\`.`, 'Add `abandonAfter`, such as `abandonAfter: 180s`.');
  }
  if (abandonAfterMs !== null && abandonAfterMs >= timeoutMs) {
    throw source.fail(
      'abandonAfter',
      `after ${text.abandonAfter} the request has timed out already.`,
      'Lengthen `timeout`, or shorten `abandonAfter`.',
    );
  }
  const uploadBytesPerSecond = text.uploadRate === undefined ? null : parseBytes(text.uploadRate);
  // Twelve digits are exact enough, and without the noise of binary fractions the text comes back as it was.
  const disconnectAtRatio =
    text.disconnectAt === undefined ? null : Number((Number.parseFloat(text.disconnectAt) / 100).toPrecision(12));
  if (uploadBytesPerSecond === 0) {
    throw source.fail('uploadRate', `${text.uploadRate} writes nothing.`, 'Give it at least 1B.');
  }
  if (disconnectAtRatio === 0) {
    throw source.fail('disconnectAt', '0% sends nothing.', 'Give it at least 1%.');
  }
  return {
    abandonAfterMs,
    retries: text.retries ?? 0,
    retryPauseMs: source.durationMs('retryPause', 0) ?? 0,
    uploadBytesPerSecond,
    disconnectAtRatio,
  };
}

function resolveLoad(executor: ExecutorId, text: StageText, source: StageSource): Load {
  const open = { arrivals: text.arrivals ?? 'uniform', maxInFlight: text.maxInFlight ?? defaultMaxInFlight } as const;
  const thinkMs = source.durationMs('thinkTime', 0) ?? 0;
  switch (executor) {
    case 'constant-vus':
      return { executor, vus: text.vus ?? 0, thinkMs };
    case 'ramping-vus':
      return { executor, fromVus: text.fromVus ?? 0, toVus: text.toVus ?? 0, thinkMs };
    case 'shared-iterations':
    case 'per-vu-iterations':
      return { executor, vus: text.vus ?? 0, iterations: text.iterations ?? 0, thinkMs };
    case 'constant-arrival-rate':
      return { executor, rate: source.rate('rate'), ...open };
    case 'ramping-arrival-rate':
      return { executor, fromRate: source.rate('fromRate'), toRate: source.rate('toRate'), ...open };
    case 'burst':
      return burstLoad(text, source);
  }
}

/** `place(null)` is where the stage stands, `place(key)` where one of its keys does. Throws PROFILE_INVALID. */
export function resolveStage(
  text: StageText,
  earlier: readonly Stage[],
  place: (key: StageKey | null) => string,
): Stage {
  const source = new StageSource(text, earlier, place);
  if (earlier.some((stage) => stage.name === text.name)) {
    throw source.fail('name', `there is a stage "${text.name}" before this one.`, 'Give each stage its own name.');
  }
  const timeoutMs = source.durationMs('timeout') ?? parseDurationMs(defaultTimeout) ?? 0;
  const rest = { name: text.name, kind: text.kind, timeoutMs, pick: text.pick ?? 'shuffled' } as const;
  const forMs = source.durationMs('for');
  if (!sendsLoad(text.kind)) {
    source.checkNoLoad(text.kind);
    if (forMs === null) {
      throw source.fail(null, `a stage of kind ${text.kind} needs \`for\`.`, 'Add `for`, such as `for: 30s`.');
    }
    return { ...rest, load: null, durationMs: forMs, client: null };
  }
  if (text.executor === undefined) {
    throw source.fail(
      null,
      `a stage of kind ${text.kind} needs \`executor\`.`,
      `Add one of ${Object.keys(keysOf).join(', ')}.`,
    );
  }
  source.checkKeys(text.executor);
  const load = resolveLoad(text.executor, text, source);
  const lastBurstMs = load.executor === 'burst' ? (load.repeats - 1) * load.everyMs : 0;
  // Without a length a burst lasts until its last request must have been answered.
  const durationMs = forMs ?? lastBurstMs + timeoutMs;
  if (lastBurstMs >= durationMs) {
    throw source.fail('for', `${text.for} ends before the last burst.`, 'Lengthen it, or lower `repeats` or `every`.');
  }
  return { ...rest, load, durationMs, client: resolveClient(text, timeoutMs, source) };
}
