import { formatBytes, formatClock, formatDuration, formatRate } from '../base/units.ts';
import type { Progress } from '../phases/gather/sampler-intake.ts';
import { cutToWidth, type Terminal } from './terminal.ts';

const widestGauge = 28;
/** A shorter bar says less than its number. */
const leastGauge = 8;
const lineEveryMs = 10_000;

function gaugeBar(usedBytes: number, limitBytes: number, gaugeWidth: number, terminal: Terminal): string {
  const ratio = usedBytes / limitBytes;
  const filled = Math.min(gaugeWidth, Math.round(ratio * gaugeWidth));
  const bar = '#'.repeat(filled) + '-'.repeat(gaugeWidth - filled);
  if (ratio >= 0.9) {
    return terminal.color.red(bar);
  }
  return ratio >= 0.8 ? terminal.color.yellow(bar) : terminal.color.green(bar);
}

function memoryText(progress: Progress): string {
  const { usedBytes, limitBytes, etaMs } = progress.memory;
  if (usedBytes === null) {
    return 'memory not observed';
  }
  const share =
    limitBytes === null ? '' : ` of ${formatBytes(limitBytes)} (${((usedBytes / limitBytes) * 100).toFixed(0)} %)`;
  const eta = etaMs === null ? '' : `, limit in ${formatDuration(etaMs)} at this rate`;
  return `memory ${formatBytes(usedBytes)}${share}${eta}`;
}

/** A block redrawn in place on a terminal; one plain line every ten seconds and stage without one. */
export class ProgressView {
  readonly #terminal: Terminal;
  #drawnLines = 0;
  #lastLineMs = Number.NEGATIVE_INFINITY;
  #lastStage = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(progress: Progress): void {
    if (this.#terminal.isLive) {
      this.#redraw(progress);
    } else if (progress.stage !== this.#lastStage || progress.tMs - this.#lastLineMs >= lineEveryMs) {
      this.#lastLineMs = progress.tMs;
      this.#lastStage = progress.stage;
      this.#terminal.err(this.#plainLine(progress));
    }
  }

  /** Leaves the last block standing, so that what follows starts on a line of its own. */
  end(): void {
    this.#drawnLines = 0;
  }

  /** A line that stays: the next block is drawn below it. */
  say(line: string): void {
    this.end();
    this.#terminal.err(line);
  }

  #plainLine(progress: Progress): string {
    return [
      `${formatClock(progress.tMs)} ${progress.stage} (${progress.stageNumber}/${progress.stageCount})`,
      `offered ${formatRate(progress.offeredPerSecond)} achieved ${formatRate(progress.achievedPerSecond)}`,
      `in flight ${progress.inFlight}`,
      `answered ${progress.answered} failed ${progress.failed} timed out ${progress.timedOut} dropped ${progress.dropped}`,
      `p95 ${formatDuration(progress.p95Ms)}`,
      memoryText(progress),
    ].join(' | ');
  }

  #redraw(progress: Progress): void {
    const { color, columns } = this.#terminal;
    const left = formatClock(Math.max(0, progress.stageEndMs - progress.tMs));
    const lines = [
      `${color.bold(progress.stage)} ${color.dim(`${progress.stageKind}, stage ${progress.stageNumber} of ${progress.stageCount}, ${left} left, ${formatClock(progress.tMs)} in all`)}`,
      `  offered ${formatRate(progress.offeredPerSecond)}   achieved ${formatRate(progress.achievedPerSecond)}   in flight ${progress.inFlight}   p95 ${formatDuration(progress.p95Ms)}`,
      `  answered ${progress.answered}   failed ${progress.failed === 0 ? '0' : color.red(String(progress.failed))}   timed out ${progress.timedOut}   dropped ${progress.dropped}`,
      this.#memoryLine(progress),
    ];
    const up = this.#drawnLines === 0 ? '' : `\u001b[${this.#drawnLines}A`;
    // The last column stays free: some terminals wrap as soon as it is filled.
    const drawn = lines.map((line) => `\u001b[2K${cutToWidth(line, columns - 1)}\n`);
    this.#terminal.draw(`${up}${drawn.join('')}`);
    this.#drawnLines = lines.length;
  }

  /** The bar takes what the words leave; the words are what counts. */
  #memoryLine(progress: Progress): string {
    const { usedBytes, limitBytes } = progress.memory;
    const text = memoryText(progress);
    const width = Math.min(widestGauge, this.#terminal.columns - text.length - '  [] '.length - 1);
    return usedBytes === null || limitBytes === null || width < leastGauge
      ? `  ${text}`
      : `  [${gaugeBar(usedBytes, limitBytes, width, this.#terminal)}] ${text}`;
  }
}
