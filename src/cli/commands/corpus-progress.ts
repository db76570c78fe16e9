import { type Clock, monotonicClock } from '../../base/clock.ts';
import { formatDuration } from '../../base/units.ts';
import type { WorkProgress } from '../../phases/corpus/work.ts';
import { formatSize, formatSpeed } from '../sizes.ts';
import type { Terminal } from '../terminal.ts';

const redrawEveryMs = 200;
const lineEveryMs = 10_000;

export function counted(items: number): string {
  return items === 1 ? '1 item' : `${items} items`;
}

/** One line redrawn in place on a terminal; a plain line every ten seconds without one. */
export class ItemProgress {
  readonly #terminal: Terminal;
  readonly #verb: string;
  readonly #clock: Clock;
  #shownMs: number;
  #isDrawn = false;

  constructor(terminal: Terminal, verb: string, clock: Clock = monotonicClock()) {
    this.#terminal = terminal;
    this.#verb = verb;
    this.#clock = clock;
    // The first plain line comes after ten seconds: what is over sooner needs none.
    this.#shownMs = terminal.isLive ? Number.NEGATIVE_INFINITY : 0;
  }

  get elapsedMs(): number {
    return this.#clock.nowMs();
  }

  show(progress: WorkProgress): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#shownMs < (this.#terminal.isLive ? redrawEveryMs : lineEveryMs)) {
      return;
    }
    this.#shownMs = nowMs;
    const line = this.#lineOf(progress, nowMs);
    if (this.#terminal.isLive) {
      this.#isDrawn = true;
      process.stderr.write(`\r\u001b[2K${line.slice(0, this.#terminal.columns - 1)}`);
    } else {
      this.#terminal.err(line);
    }
  }

  /** Clears the line, so that what follows starts on an empty one. */
  end(): void {
    if (this.#isDrawn) {
      this.#isDrawn = false;
      process.stderr.write('\r\u001b[2K');
    }
  }

  #lineOf({ items, itemsWanted, bytes, bytesWanted }: WorkProgress, nowMs: number): string {
    const leftMs = bytes === 0 ? null : (nowMs * (bytesWanted - bytes)) / bytes;
    return [
      `${this.#verb} ${items} of ${itemsWanted} items`,
      `${formatSize(bytes)} of ${formatSize(bytesWanted)}`,
      formatSpeed(bytes, nowMs),
      `${formatDuration(leftMs)} left`,
    ].join(', ');
  }
}
