import type { z } from 'zod';
import { BenchError } from '../base/errors.ts';
import { parseDurationMs } from '../base/units.ts';
import type { AbortCondition, CapacitySearch, ClientManners, Neighbour, ResolvedProfile, Stage } from './profile.ts';
import type { profileSchema } from './profile-schema.ts';

type ProfileText = z.infer<typeof profileSchema>;
type Extras = Pick<ResolvedProfile, 'abortWhen' | 'neighbour' | 'search'>;

const usualFactor = 2;
const usualErrorRatio = 0.01;

type Place = (path: readonly (string | number)[]) => string;

/** The parts beside the stages as written, with where they stand; throws PROFILE_INVALID. */
class ExtrasSource {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  fail(path: readonly (string | number)[], message: string, hint: string): BenchError {
    return new BenchError('PROFILE_INVALID', `${this.#place(path)}: ${message}`, { hint });
  }

  /** The schema has seen that it is a duration. */
  ms(path: readonly (string | number)[], text: string, leastMs = 1): number {
    const durationMs = Math.round(parseDurationMs(text) ?? 0);
    if (durationMs < leastMs) {
      throw this.fail(path, `${text} is too short.`, 'Give it at least 1ms.');
    }
    return durationMs;
  }
}

function resolveAbort(
  { when, above, for: forText }: NonNullable<ProfileText['abort']>[number],
  index: number,
  source: ExtrasSource,
): AbortCondition {
  const forMs = source.ms(['abort', index, 'for'], forText);
  if (when === 'error-ratio' && above >= 1) {
    throw source.fail(
      ['abort', index, 'above'],
      `no share of failed requests is above ${above}.`,
      'Give a share below 1, such as 0.5.',
    );
  }
  // The span without a good answer is looked for inside the window.
  if (when === 'unhealthy-ms' && above >= forMs) {
    throw source.fail(
      ['abort', index, 'for'],
      `within ${forText} nothing lasts longer than ${above} ms.`,
      'Lengthen `for`, or lower `above`.',
    );
  }
  return { when, above, forMs };
}

function resolveNeighbour(written: NonNullable<ProfileText['neighbour']>, source: ExtrasSource): Neighbour {
  return {
    adapter: written.adapter,
    corpus: written.corpus,
    path: written.path ?? null,
    everyMs: source.ms(['neighbour', 'every'], written.every),
    timeoutMs: source.ms(['neighbour', 'timeout'], written.timeout),
  };
}

function resolveSearch(written: NonNullable<ProfileText['search']>, source: ExtrasSource): CapacitySearch {
  const { fromVus, toVus, factor = usualFactor, errorRatio = usualErrorRatio } = written;
  if (toVus <= fromVus) {
    throw source.fail(['search', 'toVus'], `${toVus} is not above \`fromVus\`, ${fromVus}.`, 'Raise `toVus`.');
  }
  if (factor <= 1) {
    throw source.fail(['search', 'factor'], `times ${factor} no step rises.`, 'Give a factor above 1, such as 2.');
  }
  if (errorRatio >= 1) {
    throw source.fail(
      ['search', 'errorRatio'],
      `no share of failed requests is above ${errorRatio}.`,
      'Give a share below 1, such as 0.01.',
    );
  }
  return {
    fromVus,
    toVus,
    factor,
    stepMs: source.ms(['search', 'step'], written.step),
    lullMs: written.lull === undefined ? 0 : source.ms(['search', 'lull'], written.lull, 0),
    p95Ms: written.p95 === undefined ? null : source.ms(['search', 'p95'], written.p95),
    errorRatio,
  };
}

/** What a profile holds beside its stages, with every default filled in. Throws PROFILE_INVALID. */
export function resolveExtras({ abort, neighbour, search }: ProfileText, place: Place): Extras {
  const source = new ExtrasSource(place);
  return {
    abortWhen: (abort ?? []).map((condition, index) => resolveAbort(condition, index, source)),
    neighbour: neighbour === undefined ? null : resolveNeighbour(neighbour, source),
    search: search === undefined ? null : resolveSearch(search, source),
  };
}

type Scale = (durationMs: number) => number;

function scaledOrNull(durationMs: number | null, scaled: Scale): number | null {
  return durationMs === null ? null : scaled(durationMs);
}

export function scaleExtras({ abortWhen, neighbour, search }: Extras, scaled: Scale): Extras {
  return {
    abortWhen: abortWhen.map((condition) => ({
      ...condition,
      above: condition.when === 'error-ratio' ? condition.above : scaled(condition.above),
      forMs: scaled(condition.forMs),
    })),
    neighbour:
      neighbour === null
        ? null
        : { ...neighbour, everyMs: scaled(neighbour.everyMs), timeoutMs: scaled(neighbour.timeoutMs) },
    search:
      search === null
        ? null
        : {
            ...search,
            stepMs: scaled(search.stepMs),
            lullMs: scaled(search.lullMs),
            p95Ms: scaledOrNull(search.p95Ms, scaled),
          },
  };
}

export function scaleClient(client: ClientManners | null, scaled: Scale): Stage['client'] {
  return client === null
    ? null
    : {
        ...client,
        abandonAfterMs: scaledOrNull(client.abandonAfterMs, scaled),
        retryPauseMs: scaled(client.retryPauseMs),
      };
}

const msText = (durationMs: number): string => `${durationMs}ms`;

function searchText({ p95Ms, stepMs, lullMs, ...rest }: CapacitySearch): NonNullable<ProfileText['search']> {
  return {
    ...rest,
    step: msText(stepMs),
    lull: msText(lullMs),
    ...(p95Ms === null ? {} : { p95: msText(p95Ms) }),
  };
}

function neighbourText({ path, everyMs, timeoutMs, ...rest }: Neighbour): NonNullable<ProfileText['neighbour']> {
  return { ...rest, ...(path === null ? {} : { path }), every: msText(everyMs), timeout: msText(timeoutMs) };
}

/** As a profile is written; a part that is not there is left out. */
export function extrasText({
  abortWhen,
  neighbour,
  search,
}: Extras): Pick<ProfileText, 'abort' | 'neighbour' | 'search'> {
  return {
    ...(abortWhen.length === 0
      ? {}
      : { abort: abortWhen.map(({ when, above, forMs }) => ({ when, above, for: msText(forMs) })) }),
    ...(neighbour === null ? {} : { neighbour: neighbourText(neighbour) }),
    ...(search === null ? {} : { search: searchText(search) }),
  };
}

export function clientText(client: ClientManners | null): Partial<ProfileText['stages'][number]> {
  if (client === null) {
    return {};
  }
  const { abandonAfterMs, retries, retryPauseMs, uploadBytesPerSecond, disconnectAtRatio } = client;
  return {
    ...(abandonAfterMs === null ? {} : { abandonAfter: msText(abandonAfterMs), retryPause: msText(retryPauseMs) }),
    ...(retries === 0 ? {} : { retries }),
    ...(uploadBytesPerSecond === null ? {} : { uploadRate: `${uploadBytesPerSecond}B` }),
    ...(disconnectAtRatio === null ? {} : { disconnectAt: `${Number((disconnectAtRatio * 100).toPrecision(12))}%` }),
  };
}
