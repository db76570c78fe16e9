import type { DeviceHost } from '../../device/device.ts';
import { leastFree, readMemoryBounds } from '../../memory.ts';
import type { Job } from './job.ts';
import { clipOf, notYetShownBytes, type PoolWorker, shownBytes } from './pool-worker.ts';
import { clipBytes, clipMayStart, emaOf, idleWorkerBytes, ramGateOpens, vramGateOpens } from './scheduler.ts';
import type { SpeechSettings } from './settings.ts';

/** Samples of an upload whose header is not read yet: 16 kHz of 16 bits. */
const assumedBytesPerSecond = 32_000;

/** What the pool must be told about the rest of the server. */
export interface PoolSurroundings {
  device: DeviceHost;
  /** Bytes announced by uploads under way: the largest of them, and those still to come. */
  uploads(): { largestBytes: number; pendingBytes: number };
  log(line: string): void;
}

/** Asks card and host whether there is room for a clip or for one worker more. */
export class Room {
  readonly #settings: SpeechSettings;
  readonly #around: PoolSurroundings;
  readonly #workers: ReadonlySet<PoolWorker>;
  #peakWorkerBytes: number | null = null;
  ramVetoes = 0;

  constructor(settings: SpeechSettings, around: PoolSurroundings, workers: ReadonlySet<PoolWorker>) {
    this.#settings = settings;
    this.#around = around;
    this.#workers = workers;
  }

  /** The most that a worker held while it worked on a clip. */
  notePeak(bytes: number): void {
    this.#peakWorkerBytes = emaOf(this.#peakWorkerBytes, bytes);
  }

  /** False if the clip would not fit even if it were alone. */
  fitsAlone(clip: { dataBytes: number; audioSeconds: number }): boolean {
    const free = this.#settings.hasRamGate ? leastFree(readMemoryBounds()) : null;
    if (free === null) {
      return true;
    }
    const idleBytes = idleWorkerBytes(this.#settings);
    const returningBytes = [...this.#workers].reduce((sum, w) => sum + Math.max(0, shownBytes(w) - idleBytes), 0);
    return clipBytes(this.#settings, clip) <= free.spareBytes + returningBytes;
  }

  /** May one cold worker more be started, with these clips waiting? */
  hasWorkerRoom(waiting: readonly Job[]): boolean {
    const { weightsBytes, hasRamGate } = this.#settings;
    const { device } = this.#around;
    const loading = [...this.#workers].filter((worker) => worker.state === 'loading').length;
    if (!vramGateOpens(device.totals()?.freeBytes ?? null, weightsBytes + device.contextBytes, loading)) {
      return false;
    }
    if (!hasRamGate) {
      return true;
    }
    const uploads = this.#around.uploads();
    const opens = ramGateOpens({
      spareBytes: leastFree(readMemoryBounds())?.spareBytes ?? null,
      perWorkerBytes: Math.max(this.#peakWorkerBytes ?? 0, this.#worstWorkerBytes(waiting, uploads.largestBytes)),
      shownWorkerBytes: [...this.#workers].map(shownBytes),
      pendingUploadBytes: uploads.pendingBytes,
    });
    this.ramVetoes += opens ? 0 : 1;
    return opens;
  }

  /** May the clip start on this worker now? */
  hasClipRoom(job: Job, chosen: PoolWorker): boolean {
    if (!this.#settings.hasRamGate) {
      return true;
    }
    const workers = [...this.#workers];
    const othersBytes = workers.reduce((sum, w) => sum + (w === chosen ? 0 : notYetShownBytes(w, this.#settings)), 0);
    const needsBytes = notYetShownBytes({ ...chosen, job }, this.#settings);
    const running = workers.filter((worker) => worker.job !== null).length;
    return clipMayStart(needsBytes, othersBytes, leastFree(readMemoryBounds())?.spareBytes ?? null, running);
  }

  /** A worker that holds the most costly clip that waits, or is being uploaded. */
  #worstWorkerBytes(waiting: readonly Job[], largestUploadBytes: number): number {
    const coming = { dataBytes: largestUploadBytes, audioSeconds: largestUploadBytes / assumedBytesPerSecond };
    const clips = [coming, ...waiting.map(clipOf)].map((clip) => clipBytes(this.#settings, clip));
    return idleWorkerBytes(this.#settings) + Math.max(...clips);
  }
}
