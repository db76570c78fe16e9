import { randomUUID } from 'node:crypto';
import { monotonicClock } from '../../base/clock.ts';
import { BenchError, messageOf } from '../../base/errors.ts';
import type { RunningSampler, SamplerHandlers, SamplerStart, SamplingOrder } from '../sampler/messages.ts';
import type { Parsed } from './order.ts';
import { AgentSession } from './session.ts';

export interface SessionOptions {
  startSampler(start: SamplerStart, handlers: SamplerHandlers): Promise<RunningSampler>;
  /** The same URL, by an address of this machine; null if it means another one: an agent scans nothing for others. */
  ownUrl(url: URL): Promise<URL | null>;
  ringBytes?: number;
  /** A session whose client is silent for so long ends. */
  idleMs?: number;
  maxSessions?: number;
}

export interface Reply {
  status: number;
  body: unknown;
}

export const refusal = (status: number, message: string): Reply => ({
  status,
  body: { error: { code: null, message, hint: null } },
});

/** All sessions of one agent, and what may be asked of them. */
export class AgentSessions {
  readonly #options: SessionOptions;
  readonly #sessions = new Map<string, AgentSession>();
  readonly #nowMs = monotonicClock().nowMs;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#sessions.size;
  }

  get(id: string): AgentSession | null {
    return this.#sessions.get(id) ?? null;
  }

  /** `client` is the connection that asks: nobody would ever end the session of one that is gone. */
  async create(order: SamplingOrder, client: { destroyed: boolean }): Promise<Reply> {
    const own = await this.#ownOrder(order);
    if ('refused' in own) {
      return refusal(400, own.refused);
    }
    this.#makeRoom();
    const { maxSessions = 4, ringBytes = 64 * 1024 ** 2 } = this.#options;
    if (this.#sessions.size >= maxSessions) {
      return refusal(503, `this agent has ${this.#sessions.size} sessions, as many as it takes`);
    }
    const id = randomUUID();
    const session = new AgentSession(ringBytes, this.#nowMs);
    this.#sessions.set(id, session);
    const epochNs = process.hrtime.bigint();
    try {
      const sampler = await this.#options.startSampler({ ...own.value, epochNs }, session.handlers);
      session.begin(sampler);
      if (client.destroyed || this.get(id) === null) {
        await this.remove(id);
        await session.end();
      }
      const { description, notObserved, cgroup } = sampler;
      const body = { session: id, epochNs: String(epochNs), view: { description, notObserved, cgroup } };
      return { status: 201, body };
    } catch (error: unknown) {
      this.#sessions.delete(id);
      const known = error instanceof BenchError ? error : null;
      const text = { code: known?.code ?? null, message: messageOf(error), hint: known?.hint ?? null };
      return { status: 422, body: { error: text } };
    }
  }

  async remove(id: string): Promise<void> {
    const session = this.get(id);
    this.#sessions.delete(id);
    await session?.end();
  }

  /** Each heartbeat: who is silent for too long ends. */
  beat(): void {
    for (const [id, session] of this.#sessions) {
      session.heartbeat();
      if (session.silentMs > (this.#options.idleMs ?? 600_000)) {
        void this.remove(id);
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((id) => this.remove(id)));
  }

  /** A session that was stopped only waits for its last lines to be fetched. */
  #makeRoom(): void {
    const stopped = [...this.#sessions].find(([, session]) => session.isStopped);
    if (this.#sessions.size >= (this.#options.maxSessions ?? 4) && stopped !== undefined) {
      void this.remove(stopped[0]);
    }
  }

  async #ownOrder(order: SamplingOrder): Promise<Parsed<SamplingOrder>> {
    const address = { ...order.address };
    for (const key of ['url', 'metricsUrl'] as const) {
      const text = address[key];
      const own = text === null ? null : await this.#options.ownUrl(new URL(text));
      if (text !== null && own === null) {
        const { host } = new URL(text);
        return { refused: `address.${key}: ${host} is not this machine, and an agent looks at no other` };
      }
      address[key] = own?.href ?? null;
    }
    return { value: { ...order, address } };
  }
}
