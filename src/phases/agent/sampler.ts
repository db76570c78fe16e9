import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import type { RunningSampler, SamplerHandlers, SamplerTick, SamplingOrder } from '../sampler/messages.ts';
import type { SamplerSummary } from '../sampler/sampler.ts';
import { type AgentClock, createAgentClock } from './clock.ts';
import { AgentFeed } from './feed.ts';
import { type AgentAddress, AgentLink } from './link.ts';
import { type OpenedSession, openSession } from './opening.ts';
import { StageHistory, Wishes } from './wishes.ts';

/** An agent sends a heartbeat each second. */
const quietMs = 3000;
const exchangeEveryMs = 1000;
const firstWaitMs = 100;
const longestWaitMs = 1000;
const callWithinMs = 3000;
/** The agent's child has 5 s to end, and a link that is cut at this moment some time to come back. */
const stopWithinMs = 30_000;

export interface AgentSamplerOptions {
  agent: AgentAddress;
  /** The run's clock; samples come with times on it. */
  clock: Clock & { epochNs: bigint };
  order: SamplingOrder;
  /** Only tests shorten these. */
  quietMs?: number;
  exchangeEveryMs?: number;
  stopWithinMs?: number;
}

const count = z.int().min(0);
const milliseconds = z.number().min(0).nullable();
const stopReply = z.object({
  lastSeq: count,
  summary: z
    .object({
      expectedSamples: count,
      missedSamples: count,
      costMs: z.object({ p50: milliseconds, p99: milliseconds }),
      cpuSeconds: z.number().min(0),
      rssPeakBytes: z.number().min(0),
    })
    .nullable(),
});

class AgentSampler implements RunningSampler {
  readonly description: string;
  readonly notObserved: RunningSampler['notObserved'];
  readonly cgroup: RunningSampler['cgroup'];
  readonly #options: AgentSamplerOptions;
  readonly #link: AgentLink;
  readonly #agentClock: AgentClock;
  readonly #path: string;
  readonly #session: string;
  readonly #feed: AgentFeed;
  readonly #stages = new StageHistory();
  readonly #ended: AbortController;
  readonly #wishes: Wishes;
  #isUp = true;
  #lastSeq: number | null = null;
  #lastByteMs: number;
  #tick: SamplerTick | null = null;
  /** Wakes who waits for the last line. */
  #arrived = new AbortController();

  constructor(
    options: AgentSamplerOptions,
    connection: { link: AgentLink; clock: AgentClock; ended: AbortController },
    opened: OpenedSession,
    handlers: SamplerHandlers,
  ) {
    const { description, notObserved, cgroup } = opened.view;
    this.description = description;
    this.notObserved = notObserved;
    this.cgroup = cgroup;
    this.#options = options;
    this.#link = connection.link;
    this.#agentClock = connection.clock;
    this.#ended = connection.ended;
    this.#session = opened.session;
    this.#path = `/v1/sessions/${opened.session}`;
    this.#lastByteMs = options.clock.nowMs();
    this.#feed = new AgentFeed({
      handlers,
      clock: options.clock,
      toRunMs: (agentMs) => connection.clock.toRunMs(agentMs, opened.epochNs),
      stageAt: (tMs) => this.#stages.at(tMs),
    });
    this.#wishes = new Wishes(
      async (action, body) => (await this.#post(action, body)) !== null,
      async () => {
        await options.clock.sleepUntil(options.clock.nowMs() + longestWaitMs, this.#ended.signal);
        return !this.#isOver();
      },
    );
  }

  start(): void {
    void this.#follow();
    void this.#askForTheTime();
  }

  setTick(tick: SamplerTick): void {
    const { stage, kind, quiesced } = this.#tick ?? {};
    if (stage !== tick.stage || kind !== tick.kind || quiesced !== tick.quiesced) {
      this.#tick = tick;
      this.#stages.add(this.#options.clock.nowMs(), tick.stage);
    }
    this.#wishes.set({ tick: this.#tick ?? tick });
  }

  setIntervalMs(intervalMs: number): void {
    this.#wishes.set({ intervalMs });
  }

  async stop(): Promise<SamplerSummary | null> {
    const { clock } = this.#options;
    const untilMs = clock.nowMs() + (this.#options.stopWithinMs ?? stopWithinMs);
    const stopped = await this.#askUntil(untilMs);
    this.#lastSeq = stopped?.lastSeq ?? null;
    while (stopped !== null && !this.#feed.isLost && this.#feed.lastSeq < stopped.lastSeq && clock.nowMs() < untilMs) {
      this.#arrived = new AbortController();
      await clock.sleepUntil(untilMs, AbortSignal.any([this.#arrived.signal, this.#ended.signal]));
    }
    this.#ended.abort();
    this.#feed.end();
    if (stopped !== null) {
      await this.#link.control({ method: 'DELETE', path: this.#path, timeoutMs: callWithinMs }).catch(() => null);
    }
    this.#link.close();
    if (stopped === null || stopped.summary === null || this.#feed.isLost) {
      return null;
    }
    const { summary } = stopped;
    const missedSamples = summary.missedSamples + this.#feed.lostBatches;
    return { ...summary, missedSamples, clock: this.#agentClock.line() };
  }

  async #askUntil(untilMs: number): Promise<z.output<typeof stopReply> | null> {
    const { clock } = this.#options;
    while (!this.#feed.isLost && clock.nowMs() < untilMs) {
      const parsed = stopReply.safeParse(await this.#post('stop', {}, untilMs - clock.nowMs()));
      if (parsed.success) {
        return parsed.data;
      }
      await clock.sleepUntil(Math.min(untilMs, clock.nowMs() + firstWaitMs));
    }
    return null;
  }

  /** null if it was not answered, or not with a yes. */
  async #post(action: string, body: unknown, timeoutMs = callWithinMs): Promise<unknown> {
    try {
      // A stop waits for the sampler to end, and its link may have been cut under it.
      const reply = await this.#link.control({
        method: 'POST',
        path: `${this.#path}/${action}`,
        body,
        timeoutMs: action === 'stop' ? Math.min(timeoutMs, 2 * callWithinMs) : timeoutMs,
      });
      return reply.status === 200 ? reply.body : null;
    } catch {
      return null;
    }
  }

  #isOver(): boolean {
    return this.#ended.signal.aborted || this.#feed.isLost;
  }

  /** stream -> cut -> wait -> clocks joined anew -> stream from the last line on */
  async #follow(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#ended;
    let waitMs = firstWaitMs;
    while (!this.#isOver()) {
      const end = await this.#link.stream(`${this.#path}/stream?after=${this.#feed.lastSeq}`, {
        quietMs: this.#options.quietMs ?? quietMs,
        signal,
        onBytes: (chunk) => {
          waitMs = firstWaitMs;
          this.#heard(chunk);
        },
      });
      if (this.#isOver()) {
        return;
      }
      if (end.status !== null && end.status >= 400 && end.status < 500) {
        this.#feed.cut(this.#lastByteMs);
        this.#feed.lost(`the agent no longer knows this session (${end.why})`);
        return;
      }
      this.#isUp = false;
      this.#feed.cut(this.#lastByteMs);
      do {
        await clock.sleepUntil(clock.nowMs() + waitMs, signal);
        waitMs = Math.min(longestWaitMs, waitMs * 2);
        // What was sampled in the outage is joined by the exchanges on both sides of it, so these come first.
      } while (!this.#isOver() && !(await this.#joinAnew()));
    }
  }

  /** False: the link is still cut. */
  async #joinAnew(): Promise<boolean> {
    this.#link.renew();
    try {
      await this.#agentClock.burst();
      return true;
    } catch {
      return false;
    }
  }

  #heard(chunk: Buffer): void {
    this.#lastByteMs = this.#options.clock.nowMs();
    this.#feed.accept(chunk);
    if (!this.#isUp) {
      this.#isUp = true;
      this.#wishes.repeat();
    }
    if (this.#lastSeq !== null && this.#feed.lastSeq >= this.#lastSeq) {
      this.#arrived.abort();
    }
  }

  async #askForTheTime(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#ended;
    while (!this.#isOver()) {
      await clock.sleepUntil(clock.nowMs() + (this.#options.exchangeEveryMs ?? exchangeEveryMs), signal);
      if (this.#isUp && !this.#isOver()) {
        // It also tells the agent that we are there, and what it need no longer keep.
        const query = `?session=${this.#session}&after=${this.#feed.lastSeq}`;
        await this.#agentClock.exchange(query).catch(() => null);
      }
    }
  }
}

/**
 * clocks compared -> order -> session -> lines -> batches and events as a sampler of our own gives them
 *
 * Throws AGENT_UNREACHABLE, AGENT_REFUSED, or what the sampler on the agent's host failed with.
 */
export async function startAgentSampler(
  options: AgentSamplerOptions,
  handlers: SamplerHandlers,
): Promise<RunningSampler> {
  const { agent, clock, order } = options;
  const link = new AgentLink(agent);
  const ended = new AbortController();
  const agentClock = createAgentClock(link, clock, {
    answerWithinMs: options.quietMs ?? quietMs,
    signal: ended.signal,
  });
  try {
    const opened = await openSession(link, agentClock, agent.url.origin, order);
    const sampler = new AgentSampler(options, { link, clock: agentClock, ended }, opened, handlers);
    sampler.start();
    return sampler;
  } catch (error: unknown) {
    link.close();
    throw error;
  }
}
