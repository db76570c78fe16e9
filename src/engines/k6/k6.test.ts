import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, monotonicClock } from '../../base/clock.ts';
import type { EngineSession } from '../../model/engine.ts';
import type { PlanRow, StageRows } from '../../model/plan.ts';
import type { Outcome, RequestRecord } from '../../model/record.ts';
import { anyOptions, closedRows, count, every, openRows, rawAdapter, serviceMs } from '../../testing/contract-rows.ts';
import { describeEngineContract } from '../../testing/engine-contract.ts';
import { type Manners, openSink, type Sink } from '../../testing/sink.ts';
import { findK6 } from './find-k6.ts';
import { k6 } from './k6.ts';

const missing = findK6(process.env) === null ? 'k6 is neither on PATH nor K6_PATH' : null;

const inMemory = 'k6 holds bodies in memory';
const impatient = 'clients that give up, retry or send slowly';
const whole = 'reads a reply only when it is whole';

describeEngineContract(k6, {
  oneByOne: true,
  missing,
  cannot: {
    burst: 'k6 spaces the requests of one',
    'early-413': inMemory,
    'bodies-in-memory': inMemory,
    abandon: impatient,
    'abandon-answered': impatient,
    'slow-upload': impatient,
    disconnect: impatient,
    'slow-stream': whole,
    'silent-stream': whole,
    'cut-stream': whole,
  },
  differs: {
    stop: 'a k6 that stops cuts what is open',
    trickle: 'k6 tells no phase of a timeout inside an answer',
  },
});

interface Run {
  records: RequestRecord[];
  session: EngineSession;
  clock: Clock;
  sink: Sink;
}

/** Starting takes k6 a second or more where it shares its processors. */
const patienceMs = 40_000;

describe.skipIf(missing !== null)('the k6 engine (skipped without k6 on PATH or K6_PATH)', () => {
  let scratch = '';
  let sink: Sink | null = null;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'headroom-k6-test-'));
  });
  afterEach(async () => {
    await sink?.close();
    sink = null;
    rmSync(scratch, { recursive: true });
  });

  async function start(manners: (index: number) => Manners): Promise<Run> {
    sink = await openSink(manners);
    const records: RequestRecord[] = [];
    const clock = monotonicClock();
    const session = k6.open({
      url: new URL(sink.url.href.replace('//', '//user:hidden@')),
      adapter: rawAdapter,
      adapterOptions: anyOptions,
      headers: { 'x-key': 'secret' },
      clock,
      tlsAuthorities: null,
      folder: scratch,
      onRecord: (record) => records.push(record),
    });
    return { records, session, clock, sink };
  }

  /** One stage, time for what is open, and the close. Planned = sum of outcomes. */
  async function drive(run: Run, rows: StageRows, durationMs: number, graceMs = 0): Promise<RequestRecord[]> {
    const startMs = run.clock.nowMs();
    await run.session.runStage(rows, startMs, startMs + durationMs);
    const untilMs = run.clock.nowMs() + graceMs;
    while (run.session.inFlight() > 0 && run.clock.nowMs() < untilMs) {
      await run.clock.sleepUntil(run.clock.nowMs() + 20);
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

  it(
    'keeps an even rate, stamps every request in order, and leaves no secret and no body behind',
    async () => {
      const run = await start(() => ({ do: 'answer', delayMs: 300 }));
      const records = await drive(run, openRows(every(50, 30), { maxInFlight: 20 }), 1500, 3000);
      expect(count(records, 'ok')).toBe(30);
      for (const record of records) {
        const { startMs, plannedMs, bodySentMs, firstByteMs, firstContentMs, endMs } = record;
        const stamps = [plannedMs, startMs, bodySentMs, firstByteMs, firstContentMs, endMs];
        expect(stamps).toEqual(stamps.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
        expect(record).toMatchObject({ bytesOut: 1000, bytesIn: 15, status: 200, errorCode: null });
        expect(serviceMs(record)).toBeGreaterThanOrEqual(299);
      }
      expect(records.at(-1)?.plannedMs).toBeCloseTo((records[0]?.plannedMs ?? 0) + 29 * 50, 3);
      expect(run.sink.maxInFlight()).toBeGreaterThan(3);
      expect(run.session.latenessMs()).toHaveLength(30);
      expect(Math.min(...run.session.latenessMs())).toBeGreaterThanOrEqual(0);
      const left = readdirSync(scratch).toSorted();
      expect(left).toEqual(['k6-s0.json', 'k6-s0.log', 'k6-s0.ts']);
      const text = left.map((name) => readFileSync(join(scratch, name), 'utf8')).join();
      expect(text).not.toMatch(/secret|hidden/);
    },
    patienceMs,
  );

  it(
    'drops rows for want of a VU, and each tick keeps its planned time',
    async () => {
      const run = await start(() => ({ do: 'answer', delayMs: 400 }));
      const records = await drive(run, openRows(every(50, 40), { maxInFlight: 4 }), 2000, 3000);
      const dropped = records.filter((record) => record.outcome === 'dropped');
      expect(dropped.length).toBeGreaterThan(12);
      expect(dropped.every((record) => record.errorCode === 'max_in_flight' && record.startMs === null)).toBe(true);
      expect(count(records, 'ok')).toBe(40 - dropped.length);
      expect(run.sink.maxInFlight()).toBeLessThanOrEqual(4);
      const planned = records.map((record) => Math.round(record.plannedMs)).toSorted((a, b) => a - b);
      expect(new Set(planned).size).toBe(40);
      expect((planned.at(-1) ?? 0) - (planned[0] ?? 0)).toBe(39 * 50);
      expect(Math.max(...run.session.latenessMs())).toBeLessThan(45);
    },
    patienceMs,
  );

  it(
    'follows a ramp from its first request on',
    async () => {
      const run = await start(() => ({ do: 'answer' }));
      // n(t) = 5 t + 10 t^2 / 2, t in seconds: from 5 to 25 a second in 2 s.
      const arrivals = Array.from({ length: 30 }, (_, n) => (2000 * n) / (5 + Math.sqrt(25 + 20 * n)));
      const records = await drive(run, openRows(arrivals, { maxInFlight: 10 }), 2000, 2000);
      expect(count(records, 'ok')).toBe(30);
      const zeroMs = records[0]?.plannedMs ?? 0;
      for (const [n, record] of records.entries()) {
        expect(record.plannedMs - zeroMs).toBeCloseTo(arrivals[n] ?? 0, 3);
        expect(record.startMs ?? 0).toBeGreaterThanOrEqual(record.plannedMs);
        expect((record.startMs ?? 0) - record.plannedMs).toBeLessThan(60);
      }
    },
    patienceMs,
  );

  const ways: readonly [Manners, Outcome, string | null][] = [
    [{ do: 'answer', delayMs: 30 }, 'ok', null],
    [{ do: 'fin' }, 'closed_early', 'no_response'],
    [{ do: 'rst' }, 'reset', 'econnreset'],
    [{ do: 'fin-mid-body' }, 'closed_early', 'short_body'],
    [{ do: 'answer', body: '{"error":"no memory"}' }, 'semantic_error', 'error_in_reply'],
    [{ do: 'answer', status: 503, body: 'busy' }, 'http_error', 'http_503'],
    [{ do: 'answer', status: 302, headers: { location: '/elsewhere' } }, 'http_error', 'http_302'],
    [{ do: 'early-413' }, 'http_error', 'payload_too_large'],
    [{ do: 'never-read' }, 'timeout', 'while_sending'],
  ];

  it(
    'tells how each request ended, whatever became of the one before it',
    async () => {
      const run = await start((index) => ways[index]?.[0] ?? { do: 'answer' });
      const rows = openRows(every(300, ways.length), { bytes: 6_000_000, timeoutMs: 800, maxInFlight: 6 });
      const records = await drive(run, rows, 300 * ways.length, 3000);
      const told = records.map(({ outcome, errorCode }) => [outcome, errorCode]);
      expect(told.toSpliced(7, 1)).toEqual(ways.map(([, outcome, errorCode]) => [outcome, errorCode]).toSpliced(7, 1));
      expect(serviceMs(records[0])).toBeGreaterThanOrEqual(30);
      // Go loses an early answer where the reset of the connection overtakes it.
      expect(['payload_too_large', 'econnreset', 'epipe']).toContain(records[7]?.errorCode);
      expect(records[7]?.bodySentMs).toBeNull();
      expect(records[7]?.bytesOut).toBeLessThan(6_000_000);
      expect(records[8]?.bodySentMs).toBeNull();
      expect(serviceMs(records[8])).toBeGreaterThanOrEqual(800);
      expect(serviceMs(records[8])).toBeLessThan(1400);
    },
    patienceMs,
  );

  it(
    'records what is open at the end with its age, and what was not sent as dropped',
    async () => {
      const run = await start(() => ({ do: 'answer', delayMs: 20_000 }));
      const stopped = run.clock.sleepUntil(run.clock.nowMs() + 4000).then(() => run.session.stop());
      const records = await drive(run, openRows(every(500, 60), { maxInFlight: 20 }), 30_000);
      await stopped;
      expect(count(records, 'in_flight_at_end') + count(records, 'dropped')).toBe(60);
      expect(count(records, 'in_flight_at_end')).toBeGreaterThanOrEqual(2);
      expect(serviceMs(records[0])).toBeGreaterThan(400);
      expect(records.at(-1)).toMatchObject({ outcome: 'dropped', errorCode: 'run_stopped' });
    },
    patienceMs,
  );

  it(
    'keeps one request per slot in a closed stage, and thinks between them',
    async () => {
      const run = await start(() => ({ do: 'answer', delayMs: 100 }));
      const records = await drive(run, closedRows(3, 50), 1500, 2000);
      const ofSlot = records.filter((record) => record.slot === 1);
      expect(ofSlot.length).toBeGreaterThan(4);
      for (const [index, record] of ofSlot.slice(1).entries()) {
        expect(record.plannedMs - (ofSlot[index]?.endMs ?? 0)).toBeGreaterThanOrEqual(49);
      }
      expect(run.sink.maxInFlight()).toBe(3);
      expect(count(records, 'ok')).toBe(records.length);
    },
    patienceMs,
  );

  it(
    'shares a fixed number of iterations between slots, backs off from a dead server, and then has nothing in flight',
    async () => {
      const run = await start(() => ({ do: 'answer' }));
      await run.sink.die();
      sink = null;
      let drawn = 0;
      const plain = closedRows(3, 0);
      const rows = {
        ...plain,
        draw: (slot: number) => (drawn < 12 ? { ...plain.draw(slot, 0), seq: drawn++ } : null) as PlanRow | null,
      };
      const records = await drive(run, rows, 2000);
      expect(records).toHaveLength(12);
      expect(count(records, 'refused')).toBe(12);
      expect(records.at(-1)).toMatchObject({ errorCode: 'econnrefused', status: null, bodySentMs: null });
      const starts = records.map((record) => record.startMs ?? Number.NaN);
      expect(Math.max(...starts) - Math.min(...starts)).toBeGreaterThan(290);
    },
    patienceMs,
  );

  it('refuses a corpus that k6 would hold in more memory than it may have, with the number', async () => {
    const run = await start(() => ({ do: 'answer' }));
    const startMs = run.clock.nowMs();
    const rows = openRows(every(100, 64), { bytes: 24_000_000 });
    await expect(run.session.runStage(rows, startMs, startMs + 6400)).rejects.toThrow(/take about 8\.\d+ GiB/);
    await run.session.close();
  });
});
