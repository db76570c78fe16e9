import { expect } from 'vitest';
import type { OpenRows } from '../../model/plan.ts';
import { count, every, openRows, serviceMs, streamedItem } from '../contract-rows.ts';
import type { ContractCase } from './contract-case.ts';

const largeBytes = 24_000_000;
const bodyLimitBytes = 200 * 1024 * 1024;
/** The test runner itself takes more than an engine's own process does. */
const runnerBytes = 65 * 1024 * 1024;
/** On both sides of what a pipe takes at once. */
const sizes = [0, 1, 65_535, 65_536, 65_537, 1_000_000];

function sizedRows(): OpenRows {
  const rows = openRows(every(20, sizes.length));
  return {
    ...rows,
    rows: rows.rows.map((row, index) => ({ ...row, item: streamedItem(row.item.id, sizes[index] ?? 0) })),
  };
}

const everyByte: ContractCase = {
  id: 'every-byte',
  title: 'sends every byte of a streamed body, and the exact length',
  rows: sizedRows,
  durationMs: 150,
  graceMs: 2000,
  run: async (trial) => {
    const { records, sink } = await trial.against(() => ({ do: 'answer' }));
    expect(records.map((record) => record.bytesOut)).toEqual(sizes);
    expect(sink.bodyBytes.toSorted((a, b) => a - b)).toEqual(sizes);
  },
};

const early413: ContractCase = {
  id: 'early-413',
  runsAlone: true,
  title: 'reads an early 413 while it uploads, stops the upload and keeps the answer',
  rows: () => openRows(every(25, 40), { bytes: largeBytes }),
  durationMs: 1000,
  graceMs: 2000,
  run: async (trial) => {
    const { records } = await trial.against(() => ({ do: 'early-413' }));
    const answered = records.filter((record) => record.outcome === 'http_error');
    expect(answered.length).toBeGreaterThanOrEqual(38);
    for (const record of answered) {
      expect(record).toMatchObject({ status: 413, errorCode: 'payload_too_large', bodySentMs: null });
      expect(serviceMs(record)).toBeLessThan(1000);
      expect(record.bytesOut).toBeLessThan(largeBytes);
    }
  },
};

const neverReads: ContractCase = {
  id: 'never-reads',
  title: 'ends a stalled upload by its timeout, never earlier',
  rows: () => openRows(every(20, 4), { bytes: largeBytes, timeoutMs: 500 }),
  durationMs: 100,
  graceMs: 2000,
  run: async (trial) => {
    const { records } = await trial.against(() => ({ do: 'never-read' }));
    for (const record of records) {
      expect(record).toMatchObject({ outcome: 'timeout', errorCode: 'while_sending', bodySentMs: null });
      expect(serviceMs(record)).toBeGreaterThanOrEqual(500);
      expect(serviceMs(record)).toBeLessThan(1000);
    }
  },
};

const bodiesInMemory: ContractCase = {
  id: 'bodies-in-memory',
  runsAlone: true,
  title: 'holds no body: 64 uploads of 24 MB to a server that never reads stay far below their 1.5 GB',
  rows: () => openRows(every(2, 64), { bytes: largeBytes, timeoutMs: 1200, maxInFlight: 64 }),
  durationMs: 700,
  graceMs: 3000,
  run: async (trial) => {
    const beforeBytes = process.memoryUsage.rss();
    let peakBytes = 0;
    const timer = setInterval(() => {
      peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
    }, 20);
    const { records } = await trial.against(() => ({ do: 'never-read' })).finally(() => clearInterval(timer));
    expect(count(records, 'timeout')).toBe(64);
    expect(peakBytes - beforeBytes).toBeLessThan(bodyLimitBytes - runnerBytes);
  },
};

export const bodyCases: readonly ContractCase[] = [everyByte, early413, neverReads, bodiesInMemory];
