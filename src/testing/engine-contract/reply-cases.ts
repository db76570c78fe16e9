import { expect } from 'vitest';
import type { Outcome } from '../../model/record.ts';
import { every, openRows, serviceMs } from '../contract-rows.ts';
import type { Manners } from '../sink.ts';
import type { ContractCase } from './contract-case.ts';

interface LostReply {
  id: string;
  what: string;
  manners: Manners;
  outcomes: readonly Outcome[];
  record?: object;
}

const lostReplies: readonly LostReply[] = [
  {
    id: 'close-without-answer',
    what: 'a connection closed without an answer',
    manners: { do: 'fin' },
    outcomes: ['closed_early'],
    record: { status: null, bytesIn: 0 },
  },
  { id: 'reset', what: 'a connection reset', manners: { do: 'rst' }, outcomes: ['reset'], record: { status: null } },
  {
    id: 'close-in-answer',
    what: 'an answer cut in its body',
    manners: { do: 'fin-mid-body' },
    outcomes: ['closed_early'],
    record: { errorCode: 'short_body', bytesIn: '{"text":"half of an answer'.length },
  },
  {
    id: 'garbage',
    what: 'an answer that is not HTTP',
    manners: { do: 'garbage' },
    outcomes: ['closed_early', 'reset'],
    record: { errorCode: 'protocol_error', status: null },
  },
  {
    id: 'hidden-error',
    what: 'an error that a 200 hides',
    manners: { do: 'answer', body: '{"error":"no memory"}' },
    outcomes: ['semantic_error'],
    record: { status: 200, errorCode: 'error_in_reply' },
  },
  {
    id: 'busy',
    what: 'a refusal',
    manners: { do: 'answer', status: 503, body: 'busy' },
    outcomes: ['http_error'],
    record: { status: 503, errorCode: 'http_503' },
  },
];

const answers = 7;
const lostIndex = 3;

function lostReplyCase({ id, what, manners, outcomes, record }: LostReply): ContractCase {
  return {
    id,
    title: `loses one row to ${what}, and later rows keep their true latency`,
    rows: () => openRows(every(100, answers)),
    durationMs: 100 * answers,
    graceMs: 1000,
    run: async (trial) => {
      const { records, sink } = await trial.against((index) =>
        index === lostIndex ? manners : { do: 'answer', delayMs: 50 },
      );
      const others = records.filter((_, index) => index !== lostIndex);
      expect(others.map(({ outcome }) => outcome)).toEqual(others.map(() => 'ok'));
      expect(outcomes).toContain(records[lostIndex]?.outcome);
      expect(records[lostIndex]).toMatchObject({ ...record });
      for (const later of records.slice(lostIndex + 1)) {
        expect(serviceMs(later)).toBeGreaterThanOrEqual(49);
        expect(serviceMs(later)).toBeLessThan(140);
      }
      expect(sink.arrivalsMs).toHaveLength(answers);
    },
  };
}

const trickle: ContractCase = {
  id: 'trickle',
  title: 'ends an answer that comes byte by byte by its timeout',
  rows: () => openRows(every(20, 3), { timeoutMs: 400 }),
  durationMs: 100,
  graceMs: 2000,
  run: async (trial) => {
    const { records } = await trial.against(() => ({ do: 'trickle', everyMs: 100 }));
    for (const record of records) {
      expect(record).toMatchObject({ outcome: 'timeout', errorCode: 'while_receiving', status: 200 });
      expect(record.firstByteMs).not.toBeNull();
      expect(record.bytesIn).toBeLessThan(10);
      expect(serviceMs(record)).toBeGreaterThanOrEqual(400);
      expect(serviceMs(record)).toBeLessThan(900);
    }
  },
};

const silence: ContractCase = {
  id: 'silence',
  title: 'ends a request that is never answered by its timeout',
  rows: () => openRows(every(20, 3), { timeoutMs: 300 }),
  durationMs: 100,
  graceMs: 2000,
  run: async (trial) => {
    const { records } = await trial.against(() => ({ do: 'answer', delayMs: 5000 }));
    for (const record of records) {
      expect(record).toMatchObject({ outcome: 'timeout', errorCode: 'while_waiting', status: null, bytesOut: 1000 });
      expect(serviceMs(record)).toBeGreaterThanOrEqual(300);
      expect(serviceMs(record)).toBeLessThan(800);
    }
  },
};

const largeAnswer: ContractCase = {
  id: 'large-answer',
  runsAlone: true,
  title: 'reads an answer of 100 MB to its end and keeps little of it',
  rows: () => openRows([0]),
  durationMs: 50,
  graceMs: 4000,
  run: async (trial) => {
    const beforeBytes = process.memoryUsage().external;
    let peakBytes = 0;
    const timer = setInterval(() => {
      peakBytes = Math.max(peakBytes, process.memoryUsage().external);
    }, 5);
    const { records } = await trial
      .against(() => ({ do: 'answer-bytes', bytes: 100_000_000 }))
      .finally(() => clearInterval(timer));
    expect(records).toMatchObject([{ outcome: 'ok', status: 200, bytesIn: 100_000_000 }]);
    // The kernel's buffers come and go with the collector; all of the answer would be 100 MB.
    expect(peakBytes - beforeBytes).toBeLessThan(64 * 1024 * 1024);
  },
};

export const replyCases: readonly ContractCase[] = [...lostReplies.map(lostReplyCase), trickle, silence, largeAnswer];
