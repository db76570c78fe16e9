import type { SamplerTick } from '../sampler/messages.ts';

/** What the agent is to know, sent until it does; what was overtaken meanwhile is never sent. */
export class Wishes {
  readonly #send: (action: 'tick' | 'interval', body: unknown) => Promise<boolean>;
  readonly #pause: () => Promise<boolean>;
  #tick: SamplerTick | null = null;
  #intervalMs: number | null = null;
  #sentTick: SamplerTick | null = null;
  #sentIntervalMs: number | null = null;
  #isSending = false;

  /** `pause` is waited for after a failure; false: it is of no use any more. */
  constructor(send: (action: 'tick' | 'interval', body: unknown) => Promise<boolean>, pause: () => Promise<boolean>) {
    this.#send = send;
    this.#pause = pause;
  }

  set(wish: { tick?: SamplerTick; intervalMs?: number }): void {
    this.#tick = wish.tick ?? this.#tick;
    this.#intervalMs = wish.intervalMs ?? this.#intervalMs;
    void this.#deliver();
  }

  /** After a silence an agent no longer trusts what it was told. */
  repeat(): void {
    this.#sentTick = null;
    this.#sentIntervalMs = null;
    void this.#deliver();
  }

  async #deliver(): Promise<void> {
    if (this.#isSending) {
      return;
    }
    this.#isSending = true;
    let goesOn = true;
    while (goesOn && (this.#tick !== this.#sentTick || this.#intervalMs !== this.#sentIntervalMs)) {
      goesOn = (await this.#sendOne()) || (await this.#pause());
    }
    this.#isSending = false;
  }

  async #sendOne(): Promise<boolean> {
    const tick = this.#tick;
    const intervalMs = this.#intervalMs;
    const isTick = tick !== null && tick !== this.#sentTick;
    const isSent = isTick ? await this.#send('tick', tick) : await this.#send('interval', { intervalMs });
    if (isSent && isTick) {
      this.#sentTick = tick;
    } else if (isSent) {
      this.#sentIntervalMs = intervalMs;
    }
    return isSent;
  }
}

/** The stages of the run as they were told, by time. */
export class StageHistory {
  readonly #stages: { tMs: number; stage: string }[] = [];

  add(tMs: number, stage: string): void {
    if (this.#stages.at(-1)?.stage !== stage) {
      this.#stages.push({ tMs, stage });
    }
  }

  at(tMs: number): string {
    return this.#stages.findLast((known) => known.tMs <= tMs)?.stage ?? '';
  }
}
