import { z } from 'zod';
import { type ClockLine, createClockJoiner } from '../../base/clock-join.ts';
import type { AgentLink } from './link.ts';

const quickExchanges = 8;

const clockReply = z.object({ monotonicNs: z.string().regex(/^\d{1,20}$/) });

export interface AgentClock {
  /** Asks once. `query` tells the agent who asks. Rejects without an answer, or if it was none of an agent. */
  exchange(query?: string): Promise<void>;
  /** Several at once after another, at the start and when a link is back. */
  burst(): Promise<void>;
  /** `sinceMs` as the agent counts, whose zero was `agentEpochNs` of its clock. */
  toRunMs(sinceMs: number, agentEpochNs: bigint): number;
  line(): ClockLine | null;
}

export class NoAgentError extends Error {}

/** Both clocks are counted from the run's epoch, so on one machine their offset is 0. */
export function createAgentClock(
  link: AgentLink,
  clock: { nowMs(): number; epochNs: bigint },
  options: { answerWithinMs: number; signal: AbortSignal },
): AgentClock {
  const joiner = createClockJoiner();
  const sinceEpochMs = (ns: bigint): number => Number(ns - clock.epochNs) / 1e6;

  const exchange = async (query = ''): Promise<void> => {
    const sentMs = clock.nowMs();
    const reply = await link.clock({
      method: 'GET',
      path: `/v1/clock${query}`,
      timeoutMs: options.answerWithinMs,
      signal: options.signal,
    });
    const receivedMs = clock.nowMs();
    const parsed = clockReply.safeParse(reply.body);
    if (reply.status !== 200 || !parsed.success) {
      throw new NoAgentError(`status ${reply.status}`, { cause: reply });
    }
    joiner.add({ sentMs, otherMs: sinceEpochMs(BigInt(parsed.data.monotonicNs)), receivedMs });
  };

  return {
    exchange,
    async burst() {
      for (let index = 0; index < quickExchanges; index += 1) {
        await exchange();
      }
    },
    toRunMs(sinceMs, agentEpochNs) {
      const otherMs = sinceMs + sinceEpochMs(agentEpochNs);
      return joiner.toOurMs(otherMs) ?? otherMs;
    },
    line: joiner.line,
  };
}
