import { expect } from 'vitest';
import { retrySeqFrom } from '../../model/plan.ts';
import { count, every, openRows, serviceMs, withClient } from '../contract-rows.ts';
import type { ContractCase } from './contract-case.ts';

/** Two tokens, half a second apart in all, behind an event without content. */
const slowEvents = [
  { afterMs: 50, data: 'role' },
  { afterMs: 150, data: 'token one' },
  { afterMs: 150, data: 'token two' },
  { afterMs: 50, data: '[DONE]' },
];

const abandon: ContractCase = {
  id: 'abandon',
  title: 'lets go as its client does and asks again, each time with a record of its own',
  rows: () => withClient(openRows(every(50, 4)), { abandonAfterMs: 150, retries: 2, retryPauseMs: 50 }),
  durationMs: 1000,
  graceMs: 1000,
  run: async (trial) => {
    const { records, sink } = await trial.against(() => ({ do: 'answer', delayMs: 5000 }));
    expect(records).toHaveLength(12);
    expect(sink.arrivalsMs).toHaveLength(12);
    expect(count(records, 'cancelled')).toBe(12);
    for (const seq of [0, 1, 2, 3]) {
      const tries = records.filter((record) => record.seq === seq || record.retryOf === seq);
      expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
      expect(tries.slice(1).every((record) => record.seq >= retrySeqFrom)).toBe(true);
      for (const record of tries) {
        expect(record).toMatchObject({ errorCode: 'abandoned', status: null, itemId: `item-${seq}` });
        expect(serviceMs(record)).toBeGreaterThanOrEqual(150);
        expect(serviceMs(record)).toBeLessThan(250);
      }
    }
  },
};

const abandonAnswered: ContractCase = {
  id: 'abandon-answered',
  title: 'asks no more once an impatient client has its answer',
  rows: () => withClient(openRows(every(100, 3)), { abandonAfterMs: 100, retries: 5, retryPauseMs: 10 }),
  durationMs: 800,
  graceMs: 1000,
  run: async (trial) => {
    const { records } = await trial.against((index) => ({ do: 'answer', delayMs: index < 3 ? 5000 : 0 }));
    expect(count(records, 'ok')).toBe(3);
    expect(count(records, 'cancelled')).toBe(3);
    expect(records).toHaveLength(6);
  },
};

const slowUpload: ContractCase = {
  id: 'slow-upload',
  title: 'uploads as slowly as its client does',
  rows: () => withClient(openRows(every(50, 3), { bytes: 20_000 }), { uploadBytesPerSecond: 40_000 }),
  durationMs: 150,
  graceMs: 2000,
  run: async (trial) => {
    const { records, sink } = await trial.against(() => ({ do: 'answer' }));
    expect(count(records, 'ok')).toBe(3);
    expect(sink.bodyBytes).toEqual([20_000, 20_000, 20_000]);
    for (const record of records) {
      expect(serviceMs(record)).toBeGreaterThanOrEqual(475);
      expect(serviceMs(record)).toBeLessThan(650);
    }
  },
};

const disconnect: ContractCase = {
  id: 'disconnect',
  title: 'disconnects where its client does, inside the body',
  rows: () => withClient(openRows(every(50, 3), { bytes: 1_000_000 }), { disconnectAtRatio: 0.5 }),
  durationMs: 500,
  graceMs: 1000,
  run: async (trial) => {
    const { records, sink } = await trial.against(() => ({ do: 'answer' }));
    for (const record of records) {
      expect(record).toMatchObject({ outcome: 'cancelled', errorCode: 'disconnected', bytesOut: 500_000 });
      expect(record.bodySentMs).toBeNull();
    }
    expect(sink.bodyBytes).toEqual([500_000, 500_000, 500_000]);
    expect(sink.sockets()).toBe(0);
  },
};

const slowStream: ContractCase = {
  id: 'slow-stream',
  title: 'counts the events of a slow stream and stamps its first content',
  rows: () => openRows(every(50, 3)),
  isStreamed: true,
  durationMs: 150,
  graceMs: 2000,
  run: async (trial) => {
    const { records } = await trial.against(() => ({ do: 'stream', events: slowEvents, ending: 'end' }));
    for (const record of records) {
      expect(record).toMatchObject({ outcome: 'ok', status: 200, events: 4, outputTokens: 2 });
      const { startMs, firstByteMs, firstContentMs, endMs } = record;
      const sinceStart = [firstByteMs, firstContentMs, endMs].map((atMs) => (atMs ?? Number.NaN) - (startMs ?? 0));
      expect(sinceStart[0]).toBeLessThan(45);
      expect(sinceStart[1]).toBeGreaterThanOrEqual(195);
      expect(sinceStart[1]).toBeLessThan(300);
      expect(sinceStart[2]).toBeGreaterThanOrEqual(395);
      expect(sinceStart[2]).toBeLessThan(600);
    }
  },
};

const silentStream: ContractCase = {
  id: 'silent-stream',
  title: 'ends a stream that falls silent by its timeout, and keeps what came',
  rows: () => openRows(every(50, 3), { timeoutMs: 600 }),
  isStreamed: true,
  durationMs: 150,
  graceMs: 2000,
  run: async (trial) => {
    const { records } = await trial.against(() => ({
      do: 'stream',
      events: slowEvents.slice(0, 2),
      ending: 'silence',
    }));
    for (const record of records) {
      expect(record).toMatchObject({ outcome: 'timeout', errorCode: 'while_streaming', events: 2 });
      expect(record.firstContentMs).not.toBeNull();
      expect(serviceMs(record)).toBeGreaterThanOrEqual(600);
    }
  },
};

const cutStream: ContractCase = {
  id: 'cut-stream',
  title: 'tells a stream that breaks off from one that ends',
  rows: () => openRows(every(50, 3)),
  isStreamed: true,
  durationMs: 150,
  graceMs: 2000,
  run: async (trial) => {
    const { records } = await trial.against(() => ({ do: 'stream', events: slowEvents.slice(0, 2), ending: 'fin' }));
    for (const record of records) {
      expect(record).toMatchObject({ outcome: 'closed_early', errorCode: 'short_body', events: 2 });
    }
  },
};

export const clientCases: readonly ContractCase[] = [
  abandon,
  abandonAnswered,
  slowUpload,
  disconnect,
  slowStream,
  silentStream,
  cutStream,
];
