import type { ArenaGrowth } from '../../../device/arena.ts';
import type { DeviceAccess } from '../../../device/device.ts';
import type { WantedModel } from '../entries.ts';
import type { Preload } from '../models.ts';

/** What the holder of the models is started with, as one JSON argument. */
export interface CacheSetup {
  device: DeviceAccess;
  /** 0 = a model is never let go. */
  ttlMs: number;
  pollMs: number;
  arenaOn: 'device' | 'host';
  growth: ArenaGrowth;
  limitBytes: number | null;
  shrinks: boolean;
  bytesPerPixel: number;
  preload: Preload;
  loadMs: number;
  msPerMegapixel: number;
  mostPixels: number;
}

export type ToCache =
  | { type: 'predict'; id: number; models: readonly WantedModel[]; imagePath: string | null }
  | { type: 'cancel'; id: number }
  /** The front has nothing for it: it may end. */
  | { type: 'leave' };

/** What was seen in an image; null without one. */
export interface Sighting {
  /** The planted identity; null if the image carries none. */
  imageId: number | null;
  width: number;
  height: number;
}

export type Outcome = { type: 'done'; sighting: Sighting | null } | { type: 'failed'; code: string; message: string };

/** A loaded model and its arena. */
export interface ModelState {
  name: string;
  reservedBytes: number;
  inUseBytes: number;
}

export type FromCache =
  | { type: 'ready'; cannotDecode: string | null }
  | { type: 'outcome'; id: number; outcome: Outcome }
  | { type: 'models'; models: readonly ModelState[] }
  /** No request for a whole time to live. */
  | { type: 'idle' };

/** What the neighbour on the card is started with, as one JSON argument. */
export interface NeighbourSetup {
  device: DeviceAccess;
  needBytes: number;
  loadMs: number;
}

export interface ToNeighbour {
  id: number;
  prompt: string;
}

export type FromNeighbour = { type: 'ready' } | { type: 'answer'; id: number; text: string };
