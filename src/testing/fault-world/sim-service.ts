import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { Outcome } from '../../model/record.ts';
import type { KnobValues } from '../../reference-server/knobs.ts';
import type { SimHost } from './sim-host.ts';

export interface SimReply {
  status: number;
  outcome: Extract<Outcome, 'ok' | 'http_error' | 'semantic_error'>;
  errorCode?: string;
  route?: string;
}

/** One request as the service sees it. */
export interface SimCall {
  item: CorpusItem;
  /** The client let go of it. */
  isGone(): boolean;
  onGone(listener: () => void): void;
  /** Only of a target that fetches its work: now it was. */
  fetched(): void;
  answer(reply: SimReply): void;
}

/** `refused`: an answer, but no 2xx. `silent`: none within its timeout. */
export type SimHealth = 'ok' | 'refused' | 'silent';

/** The arithmetic of one service of the reference server, driven by its own knobs. */
export interface SimService {
  /** Called with the request's body received. */
  handle(call: SimCall): void;
  health(): SimHealth;
  /** Whether a light route beside health answers; null: it has none. */
  isReady(): boolean | null;
  /** By the names of `/metrics`. */
  gauges(): Readonly<Record<string, number>>;
  /** Bytes at its sockets that it has not read, of so many open requests. */
  unreadBytes(open: number): number;
  /** Tasks that it took and did not answer; null: it does not fetch its work. */
  reserved(): number | null;
  /** The other tenant of the card is asked; null: there is none. */
  askNeighbour(): Promise<SimReply> | null;
}

export interface SimContext {
  clock: Clock;
  random: Random;
  host: SimHost;
  knobs: KnobValues;
}

/** Throws `BenchError` where the real one would refuse to start. */
export type StartSimService = (context: SimContext) => SimService;

export const okReply: SimReply = { status: 200, outcome: 'ok' };

export function errorReply(status: number, errorCode: string): SimReply {
  return { status, outcome: 'http_error', errorCode };
}

/** What most services say of themselves. */
export const plainService: Omit<SimService, 'handle' | 'gauges'> = {
  health: () => 'ok',
  isReady: () => null,
  unreadBytes: () => 0,
  reserved: () => null,
  askNeighbour: () => null,
};

export function after(clock: Clock, ms: number): Promise<void> {
  return clock.sleepUntil(clock.nowMs() + ms);
}

/** Calls again and again for as long as it says so. */
export async function every(clock: Clock, ms: number, turn: () => boolean): Promise<void> {
  let goesOn = true;
  while (goesOn) {
    await after(clock, ms);
    goesOn = turn();
  }
}
