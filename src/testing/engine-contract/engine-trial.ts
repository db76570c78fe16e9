import { expect } from 'vitest';
import { monotonicClock } from '../../base/clock.ts';
import { BenchError } from '../../base/errors.ts';
import type { CallAdapter } from '../../model/adapter.ts';
import type { EngineContext, EngineSession, LoadEngine } from '../../model/engine.ts';
import type { RequestRecord } from '../../model/record.ts';
import { anyOptions, rawAdapter, streamingAdapter } from '../contract-rows.ts';
import { type Manners, openSink, type Sink } from '../sink.ts';
import { type ContractCase, type Course, type Driven, planOf, type Trial, type TrialOptions } from './contract-case.ts';

export class EngineTrial implements Trial {
  readonly engine: LoadEngine;
  readonly #case: ContractCase;
  readonly #folder: string;
  readonly #sinks: Sink[] = [];

  constructor(engine: LoadEngine, contractCase: ContractCase, folder: string) {
    this.engine = engine;
    this.#case = contractCase;
    this.#folder = folder;
  }

  async against(manners: (index: number) => Manners, options: TrialOptions = {}): Promise<Driven> {
    const sink = await openSink(manners, options.sink);
    this.#sinks.push(sink);
    const records: RequestRecord[] = [];
    const clock = monotonicClock();
    const session = this.#open({
      url: sink.url,
      clock,
      onRecord: (record) => records.push(record),
      ...options.context,
    });
    const course = { session, clock, sink };
    const rows = this.#case.rows();
    const startMs = clock.nowMs() + 5;
    const beside = options.beside?.(course);
    await session.runStage(rows, startMs, startMs + this.#case.durationMs);
    await this.#drain(course);
    await this.#close(course);
    await beside;
    expect(new Set(records.map((record) => record.seq)).size).toBe(records.length);
    expect(records.length).toBe(session.planned());
    if (rows.model === 'open') {
      expect(records.filter((record) => record.attempt === 1)).toHaveLength(rows.rows.length);
    }
    return { ...course, records: records.toSorted((a, b) => a.seq - b.seq), startMs };
  }

  /** Why the engine does not take the plan, by its answer or by its error; null if it takes it. */
  async refusal(): Promise<string | null> {
    const answer = this.engine.keeps(planOf(this.#case), this.#adapter);
    if (!answer.keeps) {
      return answer.why;
    }
    const clock = monotonicClock();
    try {
      const session = this.#open({ url: new URL('http://127.0.0.1:1/'), clock });
      const nowMs = clock.nowMs();
      await session.runStage(this.#case.rows(), nowMs, nowMs + this.#case.durationMs).finally(() => session.close());
      return null;
    } catch (error: unknown) {
      if (error instanceof BenchError && error.code === 'ENGINE_CANNOT_KEEP_PLAN') {
        return error.message;
      }
      throw error;
    }
  }

  async release(): Promise<void> {
    await Promise.all(this.#sinks.splice(0).map((sink) => sink.close()));
  }

  get #adapter(): CallAdapter {
    return this.#case.isStreamed === true ? streamingAdapter : rawAdapter;
  }

  #open(context: Pick<EngineContext, 'url' | 'clock'> & Partial<EngineContext>): EngineSession {
    return this.engine.open({
      adapter: this.#adapter,
      adapterOptions: { ...anyOptions, stream: this.#case.isStreamed === true },
      headers: { 'x-run': 'contract' },
      tlsAuthorities: null,
      folder: this.#folder,
      onRecord: () => undefined,
      ...context,
    });
  }

  async #drain({ session, clock }: Course): Promise<void> {
    const untilMs = clock.nowMs() + (this.#case.graceMs ?? 0);
    while (session.inFlight() > 0 && clock.nowMs() < untilMs) {
      await clock.sleepUntil(clock.nowMs() + 5);
    }
  }

  async #close({ session, clock }: Course): Promise<void> {
    const closedFromMs = clock.nowMs();
    await session.close();
    expect(clock.nowMs() - closedFromMs).toBeLessThan(1000);
    expect(session.inFlight()).toBe(0);
    expect(session.audioSecondsInFlight()).toBe(0);
  }
}
