import type { z } from 'zod';
import { parseDurationMs } from '../base/units.ts';
import type { AbortCondition, CapacitySearch, ClientManners, Neighbour, ResolvedProfile, Stage } from './profile.ts';
import type { profileSchema } from './profile-schema.ts';

type ProfileText = z.infer<typeof profileSchema>;
type Extras = Pick<ResolvedProfile, 'abortWhen' | 'neighbour' | 'search'>;

const usualFactor = 2;
const usualErrorRatio = 0.01;

/** The schema has seen that it is a duration. */
const ms = (text: string): number => Math.round(parseDurationMs(text) ?? 0);

/** What a profile holds beside its stages, with every default filled in. */
export function resolveExtras({ abort, neighbour, search }: ProfileText): Extras {
  return {
    abortWhen: (abort ?? []).map(
      (condition): AbortCondition => ({ when: condition.when, above: condition.above, forMs: ms(condition.for) }),
    ),
    neighbour:
      neighbour === undefined
        ? null
        : {
            adapter: neighbour.adapter,
            corpus: neighbour.corpus,
            path: neighbour.path ?? null,
            everyMs: ms(neighbour.every),
            timeoutMs: ms(neighbour.timeout),
          },
    search:
      search === undefined
        ? null
        : {
            fromVus: search.fromVus,
            toVus: search.toVus,
            factor: search.factor ?? usualFactor,
            stepMs: ms(search.step),
            lullMs: search.lull === undefined ? 0 : ms(search.lull),
            p95Ms: search.p95 === undefined ? null : ms(search.p95),
            errorRatio: search.errorRatio ?? usualErrorRatio,
          },
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
