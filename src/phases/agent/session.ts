import type { ServerResponse } from 'node:http';
import type { RunningSampler, SamplerHandlers, SamplerTick } from '../sampler/messages.ts';
import type { SamplerSummary } from '../sampler/sampler.ts';
import { AgentRing } from './ring.ts';

/** After this long without a word from the client, what it last said of the load may no longer hold. */
const staleTickMs = 5000;

/** Sends what the ring holds as fast as the client takes it. */
class SessionStream {
  readonly #ring: AgentRing;
  readonly #response: ServerResponse;
  #sentSeq: number;
  #isBlocked = false;

  constructor(ring: AgentRing, response: ServerResponse, afterSeq: number) {
    this.#ring = ring;
    this.#response = response;
    this.#sentSeq = afterSeq;
    response.on('drain', () => {
      this.#isBlocked = false;
      this.pump();
    });
  }

  pump(): void {
    while (!this.#isBlocked && this.#sentSeq < this.#ring.lastSeq) {
      const { seq, batchesBefore } = this.#ring.firstHeld;
      if (this.#sentSeq + 1 < seq) {
        this.#write(`${JSON.stringify({ gap: { firstSeq: seq, batchesBefore } })}\n`);
        this.#sentSeq = seq - 1;
      }
      this.#sentSeq += 1;
      const entry = this.#ring.at(this.#sentSeq);
      if (entry !== null) {
        this.#write(entry.line);
      }
    }
  }

  /** A client that hears nothing takes the link for dead. */
  heartbeat(): void {
    if (!this.#isBlocked) {
      this.#write(`${JSON.stringify({ heartbeat: this.#ring.lastSeq })}\n`);
    }
  }

  end(): void {
    this.#response.destroy();
  }

  #write(line: string | Buffer): void {
    if (!this.#response.write(line)) {
      this.#isBlocked = true;
    }
  }
}

/** One sampler with the lines that its client has not yet got, and the client's stream if there is one. */
export class AgentSession {
  readonly #ring: AgentRing;
  readonly #nowMs: () => number;
  #sampler: RunningSampler | null = null;
  #stream: SessionStream | null = null;
  #tick: SamplerTick | null = null;
  #stopped: Promise<SamplerSummary | null> | null = null;
  #contactMs: number;

  constructor(ringBytes: number, nowMs: () => number) {
    this.#ring = new AgentRing(ringBytes);
    this.#nowMs = nowMs;
    this.#contactMs = nowMs();
  }

  get isStopped(): boolean {
    return this.#stopped !== null;
  }

  get lastSeq(): number {
    return this.#ring.lastSeq;
  }

  get silentMs(): number {
    return this.#nowMs() - this.#contactMs;
  }

  /** What the sampler is given to report to. */
  get handlers(): SamplerHandlers {
    const push = (kind: 'batch' | 'event' | 'lost', content: unknown): void => {
      this.#ring.push(kind, content);
      this.#stream?.pump();
    };
    return {
      onBatch: (batch) => push('batch', batch),
      onEvent: (event) => push('event', event),
      onLost: (reason) => push('lost', reason),
    };
  }

  begin(sampler: RunningSampler): void {
    this.#sampler = sampler;
    this.touch(0);
  }

  /** The client lives, and has all lines up to this one. */
  touch(hasSeq: number): void {
    this.#contactMs = this.#nowMs();
    this.#ring.release(hasSeq);
  }

  /** A client has one stream: an older one belongs to a link that was cut. */
  attach(response: ServerResponse, afterSeq: number): void {
    this.touch(afterSeq);
    this.#stream?.end();
    const stream = new SessionStream(this.#ring, response, Math.min(afterSeq, this.#ring.lastSeq));
    this.#stream = stream;
    response.once('close', () => {
      if (this.#stream === stream) {
        this.#stream = null;
      }
    });
    // A gap goes before everything else, so that a client learns of it with the first line after a cut.
    stream.pump();
    stream.heartbeat();
  }

  setTick(tick: SamplerTick): void {
    this.#tick = tick;
    this.#sampler?.setTick(tick);
  }

  setIntervalMs(intervalMs: number): void {
    this.#sampler?.setIntervalMs(intervalMs);
  }

  heartbeat(): void {
    this.#stream?.heartbeat();
    // Reading what stalls a target is for its quiet hours, and nobody says any more that this is one.
    if (this.silentMs > staleTickMs && this.#tick?.quiesced === true) {
      this.setTick({ ...this.#tick, quiesced: false });
    }
  }

  /** Also where it is asked twice, since the first answer may have been lost. */
  async stop(): Promise<SamplerSummary | null> {
    if (this.#sampler === null) {
      return null;
    }
    this.#stopped ??= this.#sampler.stop();
    return this.#stopped;
  }

  async end(): Promise<void> {
    this.#stream?.end();
    await this.stop();
  }
}
