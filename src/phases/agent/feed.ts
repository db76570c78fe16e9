import type { Clock } from '../../base/clock.ts';
import type { SamplerHandlers } from '../sampler/messages.ts';
import type { SampleBatch, SamplerEvent } from '../sampler/sampler.ts';
import { type AgentLine, LineCutter, parseLine } from './lines.ts';

/** Beyond this a line tells of something that has not happened yet. */
const futureMs = 1000;
const mostRefused = 1000;
/** More than any sampler of ours takes: its shortest interval is 10 ms. */
const mostBatchesPerSecond = 100;

export interface FeedOptions {
  handlers: SamplerHandlers;
  clock: Pick<Clock, 'nowMs'>;
  /** A time as the agent stamped it, on the run's clock. */
  toRunMs(agentMs: number): number;
  /** The stage at a time of the run: what the agent knows of it may be old. */
  stageAt(tMs: number): string;
}

/** Turns an agent's lines into what a sampler of our own would have said, and believes none without a check. */
export class AgentFeed {
  readonly #options: FeedOptions;
  #cutter = new LineCutter();
  #lastSeq = 0;
  #batches = 0;
  #lostBatches = 0;
  #lastAgentMs = 0;
  #lastRunMs = 0;
  #firstRunMs: number | null = null;
  #refused = 0;
  /** Batches of which a sample was left out: a name that the target itself chose does not make the agent a liar. */
  #oddBatches = 0;
  #outageFromMs: number | null = null;
  #isLost = false;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** The last line that has arrived, from which a cut stream goes on. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  get lostBatches(): number {
    return this.#lostBatches;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  accept(chunk: Buffer): void {
    for (const text of this.#cutter.take(chunk)) {
      this.#line(text === null ? { kind: 'refused', seq: null, why: 'a line is too long' } : parseLine(text));
    }
  }

  /** The stream broke off; nothing was heard since then. */
  cut(sinceMs: number): void {
    this.#outageFromMs ??= sinceMs;
    this.#cutter = new LineCutter();
  }

  /** Nothing more will come. */
  end(): void {
    const nowMs = this.#options.clock.nowMs();
    if (this.#outageFromMs !== null) {
      this.#gap(this.#outageFromMs, `${this.#outageText(nowMs)}; what was sampled in it never arrived`);
      this.#outageFromMs = null;
    }
    if (this.#refused > 1) {
      this.#gap(nowMs, `${this.#refused} lines of the agent were refused in all`);
    }
    if (this.#oddBatches > 1) {
      this.#gap(nowMs, `samples of ${this.#oddBatches} batches were left out in all`);
    }
  }

  lost(reason: string): void {
    if (!this.#isLost) {
      this.#isLost = true;
      this.#options.handlers.onLost(reason);
    }
  }

  #line(line: AgentLine): void {
    if (this.#isLost) {
      return;
    }
    const lostHere = line.kind === 'gap' ? this.#skipTo(line.firstSeq, line.batchesBefore) : 0;
    this.#endOutage(lostHere);
    if (line.kind === 'refused') {
      this.#refuse(line.why);
    }
    if (!('seq' in line) || line.seq === null || !this.#isNext(line.seq)) {
      return;
    }
    switch (line.kind) {
      case 'batch':
        this.#batch(line.batch, line.refusedSamples);
        break;
      case 'event':
        this.#event(line.event);
        break;
      case 'lost':
        this.lost(line.reason);
        break;
      case 'refused':
        break;
    }
  }

  /** How many batches the agent no longer had. */
  #skipTo(firstSeq: number, batchesBefore: number): number {
    const missing = batchesBefore - this.#batches - this.#lostBatches;
    if (firstSeq <= this.#lastSeq + 1 || missing < 0 || missing > firstSeq) {
      this.#refuse('a gap that cannot be');
      return 0;
    }
    this.#lastSeq = firstSeq - 1;
    this.#lostBatches += missing;
    if (this.#outageFromMs === null) {
      this.#gap(this.#lastRunMs, `${missing} batches lost: the agent could not keep them until they were sent`);
    }
    return missing;
  }

  #endOutage(lostBatches: number): void {
    if (this.#outageFromMs === null) {
      return;
    }
    const lost = lostBatches === 0 ? 'nothing was lost' : `${lostBatches} batches lost: the agent could not keep them`;
    this.#gap(this.#outageFromMs, `${this.#outageText(this.#options.clock.nowMs())}; ${lost}`);
    this.#outageFromMs = null;
  }

  #outageText(untilMs: number): string {
    const seconds = (ms: number): string => (ms / 1000).toFixed(1);
    return `no link to the agent from ${seconds(this.#outageFromMs ?? untilMs)} s to ${seconds(untilMs)} s`;
  }

  /** A line that comes twice is left out; one that is missing was lost, and counts as a batch. */
  #isNext(seq: number): boolean {
    if (seq <= this.#lastSeq) {
      this.#refuse(`line ${seq} after line ${this.#lastSeq}`);
      return false;
    }
    const missing = seq - this.#lastSeq - 1;
    if (missing > 0) {
      this.#refuse(`line ${seq} after line ${this.#lastSeq}`);
      this.#lostBatches += Math.min(missing, mostRefused);
    }
    this.#lastSeq = seq;
    return true;
  }

  #batch(batch: SampleBatch, refusedSamples: string | null): void {
    this.#batches += 1;
    const tMs = this.#joined(batch.tMs);
    if (tMs === null) {
      return;
    }
    this.#firstRunMs ??= tMs;
    if (this.#batches > mostBatchesPerSecond * (1 + (tMs - this.#firstRunMs) / 1000)) {
      this.#refuse(`over ${mostBatchesPerSecond} batches per second`);
      return;
    }
    if (refusedSamples !== null) {
      this.#oddBatches += 1;
      if (this.#oddBatches === 1) {
        this.#gap(tMs, `left out what the agent sampled: ${refusedSamples}`);
      }
    }
    this.#options.handlers.onBatch({ ...batch, tMs, stage: this.#options.stageAt(tMs) });
  }

  #event(event: SamplerEvent): void {
    const tMs = this.#joined(event.tMs);
    if (tMs !== null) {
      this.#options.handlers.onEvent({ ...event, tMs });
    }
  }

  /** On the run's clock; null for a time that cannot be. */
  #joined(agentMs: number): number | null {
    if (agentMs < this.#lastAgentMs) {
      this.#refuse(`time ${agentMs} ms after ${this.#lastAgentMs} ms`);
      return null;
    }
    const tMs = this.#options.toRunMs(agentMs);
    if (tMs > this.#options.clock.nowMs() + futureMs) {
      this.#refuse(`time ${agentMs} ms has not come yet`);
      return null;
    }
    this.#lastAgentMs = agentMs;
    // Another exchange may join the clocks a little earlier than the last one did.
    this.#lastRunMs = Math.max(tMs, this.#lastRunMs);
    return this.#lastRunMs;
  }

  /** Told once; the run goes on with what can be believed. */
  #refuse(why: string): void {
    this.#refused += 1;
    if (this.#refused === 1) {
      this.#gap(this.#options.clock.nowMs(), `refused what the agent sent: ${why}`);
    }
    if (this.#refused === mostRefused) {
      this.lost(`the agent sent ${mostRefused} lines that cannot be, such as: ${why}`);
    }
  }

  #gap(tMs: number, detail: string): void {
    this.#options.handlers.onEvent({ tMs, kind: 'gap', subject: 'agent', detail });
  }
}
