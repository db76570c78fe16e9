import type { ArenaGrowth } from '../../device/arena.ts';
import type { KnobTable, KnobValues } from '../../knobs.ts';
import { type Preload, preloadChoices } from './models.ts';
import type { CacheSetup } from './workers/messages.ts';

export const modelCacheKnobs: KnobTable = {
  'ttl-s': { value: 300, meaning: 'seconds after which an unused model is let go, and then the process; 0 = never' },
  'poll-s': { value: 10, least: 0.1, meaning: 'seconds between two looks for unused models' },
  'arena-growth': {
    value: 'exact',
    choices: ['power-of-two', 'exact'],
    meaning: 'how large the next region of an arena is',
  },
  shrink: { value: false, meaning: 'a run gives back the regions that hold nothing at its end' },
  'pool-mib': { value: 0, meaning: 'most MiB of one arena; 0 = whatever the card gives' },
  'arena-on': { value: 'device', choices: ['device', 'host'], meaning: 'where weights and arenas are' },
  'arena-bytes-per-pixel': { value: 3072, least: 1, meaning: 'VRAM of a run per pixel of the scaled image' },
  'host-arena-bytes-per-pixel': { value: 400, least: 1, meaning: 'the same where arenas are on the host' },
  preload: { value: 'none', choices: preloadChoices, meaning: 'task whose models are loaded at the start and stay' },
  'cache-load-s': { value: 4, meaning: 'seconds until a model is loaded' },
  'predict-s': { value: 0.1, meaning: 'seconds of a run per megapixel of the scaled image' },
  'predict-queue': { value: 64, least: 1, meaning: 'predictions in flight, uploads included; above it 503' },
  'predict-megapixels': { value: 40, least: 0.01, meaning: 'largest image that is taken, by its header' },
  'need-mib': { value: 4455, meaning: 'VRAM that the neighbour on the card asks for, besides its context' },
  'neighbour-load-s': { value: 5, meaning: 'seconds until the neighbour is loaded' },
  'neighbour-idle-s': { value: 300, meaning: 'seconds after which an unused neighbour is unloaded' },
};

/** The knobs as the service reads them: bytes and ms, times already scaled. */
export interface ModelCacheSettings {
  cache: Omit<CacheSetup, 'device'>;
  mostInFlight: number;
  mostPixels: number;
  neighbour: { needBytes: number; loadMs: number; idleMs: number };
}

export function modelCacheSettings(values: KnobValues): ModelCacheSettings {
  const arenaOn = values.text('arena-on') === 'host' ? 'host' : 'device';
  const limitBytes = values.mib('pool-mib');
  const mostPixels = Math.floor(values.number('predict-megapixels') * 1e6);
  return {
    cache: {
      ttlMs: values.scaledMs('ttl-s'),
      pollMs: values.scaledMs('poll-s'),
      arenaOn,
      // The knob's choices are those of the arena.
      growth: values.text('arena-growth') as ArenaGrowth,
      limitBytes: limitBytes === 0 ? null : limitBytes,
      shrinks: values.boolean('shrink'),
      bytesPerPixel: values.number(arenaOn === 'host' ? 'host-arena-bytes-per-pixel' : 'arena-bytes-per-pixel'),
      preload: values.text('preload') as Preload,
      loadMs: values.scaledMs('cache-load-s'),
      msPerMegapixel: values.scaledMs('predict-s'),
      mostPixels,
    },
    mostInFlight: Math.floor(values.number('predict-queue')),
    mostPixels,
    neighbour: {
      needBytes: values.mib('need-mib'),
      loadMs: values.scaledMs('neighbour-load-s'),
      idleMs: values.scaledMs('neighbour-idle-s'),
    },
  };
}
