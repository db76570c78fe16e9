import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Clock, monotonicClock } from '../base/clock.ts';
import type { EngineSession, LoadEngine } from '../model/engine.ts';
import type { StageRows } from '../model/plan.ts';
import type { Outcome, RequestRecord } from '../model/record.ts';
import {
  anyOptions,
  closedRows,
  count,
  every,
  openRows,
  rawAdapter,
  serviceMs,
  streamedItem,
} from './contract-rows.ts';
import { type Manners, openSink, type Sink } from './sink.ts';

const bodyLimitBytes = 200 * 1024 * 1024;

interface Run {
  records: RequestRecord[];
  session: EngineSession;
  clock: Clock;
  sink: Sink;
}

/** Every engine passes this suite against the sink; one that cannot keep a case refuses the plan instead. */
export function describeEngineContract(engine: LoadEngine): void {
  describe(`the engine contract, kept by ${engine.id}`, () => {
    const sinks: Sink[] = [];
    let scratch = '';
    beforeAll(() => {
      scratch = mkdtempSync(join(tmpdir(), 'headroom-engine-'));
    });
    afterAll(() => {
      rmSync(scratch, { recursive: true });
    });
    afterEach(async () => {
      await Promise.all(sinks.splice(0).map((sink) => sink.close()));
    });

    async function start(manners: (index: number) => Manners): Promise<Run> {
      const sink = await openSink(manners);
      sinks.push(sink);
      const records: RequestRecord[] = [];
      const clock = monotonicClock();
      const session = engine.open({
        url: sink.url,
        adapter: rawAdapter,
        adapterOptions: anyOptions,
        headers: { 'x-run': 'contract' },
        clock,
        tlsAuthorities: null,
        folder: scratch,
        onRecord: (record) => records.push(record),
      });
      return { records, session, clock, sink };
    }

    /** Runs one stage, lets what is open end for `graceMs`, and closes. Planned = sum of outcomes. */
    async function drive(run: Run, rows: StageRows, durationMs: number, graceMs = 0): Promise<RequestRecord[]> {
      const startMs = run.clock.nowMs() + 5;
      await run.session.runStage(rows, startMs, startMs + durationMs);
      const untilMs = run.clock.nowMs() + graceMs;
      while (run.session.inFlight() > 0 && run.clock.nowMs() < untilMs) {
        await run.clock.sleepUntil(run.clock.nowMs() + 5);
      }
      const closedFromMs = run.clock.nowMs();
      await run.session.close();
      expect(run.clock.nowMs() - closedFromMs).toBeLessThan(1000);
      expect(run.session.inFlight()).toBe(0);
      expect(run.session.audioSecondsInFlight()).toBe(0);
      expect(new Set(run.records.map((record) => record.seq)).size).toBe(run.records.length);
      expect(run.records.length).toBe(run.session.planned());
      if (rows.model === 'open') {
        expect(run.records.length).toBe(rows.rows.length);
      }
      return run.records.toSorted((a, b) => a.seq - b.seq);
    }

    it('keeps a fixed rate against a slow server, with the requests in flight that the rate demands', async () => {
      const run = await start(() => ({ do: 'answer', delayMs: 300 }));
      const records = await drive(run, openRows(every(20, 50)), 1000, 2000);
      expect(count(records, 'ok')).toBe(50);
      expect(run.sink.maxInFlight()).toBeGreaterThan(12);
      expect(run.sink.maxInFlight()).toBeLessThan(26);
      for (const record of records) {
        const { startMs, plannedMs, bodySentMs, firstByteMs, firstContentMs, endMs } = record;
        const stamps = [plannedMs, startMs, bodySentMs, firstByteMs, firstContentMs, endMs];
        expect(stamps).toEqual(stamps.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
        expect(record).toMatchObject({ bytesOut: 1000, bytesIn: 15, status: 200, errorCode: null });
      }
      expect(run.session.latenessMs()).toHaveLength(50);
    });

    it('drops a row when too many are in flight, and sends none of them late', async () => {
      const run = await start(() => ({ do: 'answer', delayMs: 300 }));
      const records = await drive(run, openRows(every(20, 50), { maxInFlight: 5 }), 1000, 2000);
      const dropped = records.filter((record) => record.outcome === 'dropped');
      expect(dropped.length).toBeGreaterThan(25);
      expect(dropped.every((record) => record.errorCode === 'max_in_flight' && record.startMs === null)).toBe(true);
      expect(count(records, 'ok')).toBe(50 - dropped.length);
      expect(run.sink.maxInFlight()).toBe(5);
    });

    it('records what is open at the end with its age', async () => {
      const run = await start(() => ({ do: 'answer', delayMs: 5000 }));
      const records = await drive(run, openRows(every(50, 10)), 500);
      expect(count(records, 'in_flight_at_end')).toBe(10);
      expect(serviceMs(records[0])).toBeGreaterThanOrEqual(495);
      expect(serviceMs(records[9])).toBeLessThan(300);
    });

    it('records unsent rows as dropped when the run stops, and lets open requests go on', async () => {
      const run = await start(() => ({ do: 'answer', delayMs: 200 }));
      const stopAtMs = run.clock.nowMs() + 255;
      const stopped = run.clock.sleepUntil(stopAtMs).then(() => run.session.stop());
      const startedMs = run.clock.nowMs();
      const records = await drive(run, openRows(every(50, 20)), 60_000, 2000);
      await stopped;
      expect(run.clock.nowMs() - startedMs).toBeLessThan(2000);
      expect(count(records, 'ok') + count(records, 'dropped')).toBe(20);
      expect(count(records, 'ok')).toBeGreaterThanOrEqual(4);
      expect(records.at(-1)).toMatchObject({ outcome: 'dropped', errorCode: 'run_stopped', endMs: null });
    });

    const lost: readonly [string, Manners, Outcome][] = [
      ['a connection closed without an answer', { do: 'fin' }, 'closed_early'],
      ['a connection reset', { do: 'rst' }, 'reset'],
      ['an answer cut in its body', { do: 'fin-mid-body' }, 'closed_early'],
      ['an error that a 200 hides', { do: 'answer', body: '{"error":"no memory"}' }, 'semantic_error'],
      ['a refusal', { do: 'answer', status: 503, body: 'busy' }, 'http_error'],
    ];
    it.each(lost)('%s costs one row, and later rows keep their true latency', async (_, manners, outcome) => {
      const run = await start((index) => (index === 3 ? manners : { do: 'answer', delayMs: 50 }));
      const records = await drive(run, openRows(every(100, 8)), 800, 1000);
      expect(records.map((record) => record.outcome)).toEqual([
        ...Array<string>(3).fill('ok'),
        outcome,
        ...Array<string>(4).fill('ok'),
      ]);
      for (const record of records.slice(4)) {
        expect(serviceMs(record)).toBeGreaterThanOrEqual(49);
        expect(serviceMs(record)).toBeLessThan(140);
      }
      if (manners.do === 'fin-mid-body') {
        expect(records[3]).toMatchObject({ errorCode: 'short_body', bytesIn: '{"text":"half of an answer'.length });
      }
    });

    it('reads an early 413 while it uploads, stops the upload and keeps the answer', async () => {
      const run = await start(() => ({ do: 'early-413' }));
      const records = await drive(run, openRows(every(25, 40), { bytes: 24_000_000 }), 1000, 2000);
      const answered = records.filter((record) => record.outcome === 'http_error');
      expect(answered.length).toBeGreaterThanOrEqual(38);
      for (const record of answered) {
        expect(record).toMatchObject({ status: 413, errorCode: 'payload_too_large', bodySentMs: null });
        expect(serviceMs(record)).toBeLessThan(1000);
        expect(record.bytesOut).toBeLessThan(24_000_000);
      }
    });

    it('ends a stalled upload by its timeout, never earlier', async () => {
      const run = await start(() => ({ do: 'never-read' }));
      const records = await drive(run, openRows([0, 0, 0, 0], { bytes: 24_000_000, timeoutMs: 500 }), 100, 2000);
      for (const record of records) {
        expect(record).toMatchObject({ outcome: 'timeout', errorCode: 'while_sending', bodySentMs: null });
        expect(serviceMs(record)).toBeGreaterThanOrEqual(500);
        expect(serviceMs(record)).toBeLessThan(1000);
      }
    });

    it('tells a dying server from a dead one and tries no more often than planned', async () => {
      const run = await start(() => ({ do: 'answer', delayMs: 300 }));
      const death = run.clock.sleepUntil(run.clock.nowMs() + 505).then(() => run.sink.die());
      const records = await drive(run, openRows(every(50, 20)), 1000, 500);
      await death;
      sinks.length = 0;
      expect(count(records, 'ok')).toBeGreaterThan(0);
      expect(count(records, 'reset') + count(records, 'closed_early')).toBeGreaterThanOrEqual(4);
      expect(count(records, 'refused')).toBeGreaterThanOrEqual(8);
      expect(records.at(-1)).toMatchObject({ outcome: 'refused', errorCode: 'econnrefused', status: null });
    });

    it('backs off from a dead server in a closed stage', async () => {
      const run = await start(() => ({ do: 'answer' }));
      await run.sink.die();
      sinks.length = 0;
      const records = await drive(run, closedRows(3, 0), 1000);
      expect(count(records, 'refused')).toBe(records.length);
      expect(records.length).toBeGreaterThanOrEqual(15);
      expect(records.length).toBeLessThanOrEqual(33);
    });

    it('keeps one request per slot in a closed stage and thinks between them', async () => {
      const run = await start(() => ({ do: 'answer', delayMs: 100 }));
      const records = await drive(run, closedRows(4, 50), 1000, 1000);
      expect(run.sink.maxInFlight()).toBe(4);
      expect(records.length).toBeGreaterThanOrEqual(4 * 5);
      expect(records.length).toBeLessThanOrEqual(4 * 7);
      expect(count(records, 'ok')).toBe(records.length);
      const ofSlot = records.filter((record) => record.slot === 2);
      for (const [index, record] of ofSlot.slice(1).entries()) {
        expect(record.plannedMs - (ofSlot[index]?.endMs ?? 0)).toBeGreaterThanOrEqual(49);
      }
    });

    it('keeps a rate of two per second to 20 ms', async () => {
      const run = await start(() => ({ do: 'answer' }));
      const records = await drive(run, openRows(every(500, 4)), 1600, 500);
      const starts = records.map((record) => record.startMs ?? Number.NaN);
      for (const [index, startMs] of starts.slice(1).entries()) {
        expect(Math.abs(startMs - (starts[index] ?? 0) - 500)).toBeLessThan(20);
      }
    });

    it('sends a burst at once', async () => {
      const run = await start(() => ({ do: 'answer', delayMs: 100 }));
      const records = await drive(run, openRows(Array<number>(64).fill(20)), 100, 2000);
      expect(count(records, 'ok')).toBe(64);
      const starts = records.map((record) => record.startMs ?? Number.NaN);
      expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(200);
      expect(Math.min(...run.session.latenessMs())).toBeGreaterThanOrEqual(0);
    });

    it('sends every byte of a streamed body, and the exact length', async () => {
      const run = await start(() => ({ do: 'answer' }));
      const sizes = [0, 1, 65_535, 65_536, 65_537, 1_000_000];
      const rows = openRows(sizes.map(() => 0));
      const sized = rows.rows.map((row, index) => ({ ...row, item: streamedItem(row.item.id, sizes[index] ?? 0) }));
      const records = await drive(run, { ...rows, rows: sized }, 50, 2000);
      expect(records.map((record) => record.bytesOut)).toEqual(sizes);
      expect(run.sink.bodyBytes.toSorted((a, b) => a - b)).toEqual(sizes);
    });

    it('holds no body: 64 uploads of 24 MB to a server that never reads stay far below their 1.5 GB', async () => {
      const run = await start(() => ({ do: 'never-read' }));
      let peakBytes = 0;
      const timer = setInterval(() => {
        peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
      }, 20);
      const beforeBytes = process.memoryUsage.rss();
      const rows = openRows(Array<number>(64).fill(0), { bytes: 24_000_000, timeoutMs: 1500 });
      const records = await drive(run, rows, 1000, 3000);
      clearInterval(timer);
      expect(count(records, 'timeout')).toBe(64);
      // The test runner itself takes more than an engine's own process does.
      expect(peakBytes - beforeBytes).toBeLessThan(bodyLimitBytes - 65 * 1024 * 1024);
    });
  });
}
