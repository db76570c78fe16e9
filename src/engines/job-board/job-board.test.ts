import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import { jobQueue } from '../../adapters/job-queue.ts';
import { monotonicClock } from '../../base/clock.ts';
import { type AdapterOptions, defaultServe, type ServeAdapter, type ServeOptions } from '../../model/adapter.ts';
import type { EngineSession } from '../../model/engine.ts';
import type { Plan } from '../../model/plan.ts';
import type { Load } from '../../model/profile.ts';
import type { RequestRecord } from '../../model/record.ts';
import { anyOptions, closedRows, every, openRows, rawAdapter, serviceMs } from '../../testing/contract-rows.ts';
import { openSink, type Sink } from '../../testing/sink.ts';
import { jobBoard } from './job-board.ts';

const workerScript = join(import.meta.dirname, '..', '..', 'testing', 'pull-worker.js');
const clock = monotonicClock();

interface Opened {
  session: EngineSession;
  records: RequestRecord[];
  /** Base of the jobs, once we listen. */
  jobsUrl(): Promise<string>;
}

const sessions: EngineSession[] = [];
const sinks: Sink[] = [];

function open(serve: Partial<ServeOptions> = {}, url = 'http://127.0.0.1:1', adapter: ServeAdapter = jobQueue): Opened {
  const records: RequestRecord[] = [];
  const notices: string[] = [];
  const adapterOptions: AdapterOptions = { ...anyOptions, serve: { ...defaultServe, announces: false, ...serve } };
  const session = jobBoard.open({
    url: new URL(url),
    adapter,
    adapterOptions,
    headers: {},
    clock,
    tlsAuthorities: null,
    folder: '',
    onNotice: (line) => notices.push(line),
    onRecord: (record) => records.push(record),
  });
  sessions.push(session);
  return {
    session,
    records,
    async jobsUrl() {
      await expect.poll(() => notices.length, { interval: 5 }).toBe(1);
      return (notices[0] ?? '').replace('The jobs are at ', '');
    },
  };
}

async function sinkThat(status: number): Promise<{ sink: Sink; asked: string[] }> {
  const asked: string[] = [];
  const sink = await openSink((_, request) => {
    asked.push(`${request.method} ${request.url}`);
    return { do: 'answer', status, body: '{}' };
  });
  sinks.push(sink);
  return { sink, asked };
}

afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close().catch(() => undefined)));
  await Promise.all(sinks.splice(0).map((sink) => sink.close()));
});

const byOutcome = (records: readonly RequestRecord[], outcome: string): number[] =>
  records.flatMap((record) => (record.outcome === outcome ? [record.seq] : [])).toSorted((a, b) => a - b);

describe('a worker in a process of its own', () => {
  it('takes ahead, answers twice, drops, answers late and dies, and the records say exactly that', async () => {
    const leaseMs = 1000;
    const { session, records, jobsUrl } = open({ leaseMs });
    const startMs = clock.nowMs();
    await session.runStage(openRows(Array<number>(30).fill(0), { bytes: 30_000, timeoutMs: 60_000 }), startMs, startMs);
    expect(session.boardState?.()).toMatchObject({ waiting: 30, reserved: 0 });
    const never = ['7', '17', '27'];
    const misbehaving = { twice: ['3', '13', '23'], never, late: ['25'], lateMs: 1.5 * leaseMs };
    const base = await jobsUrl();
    const work = (more: object) =>
      execa('node', [workerScript, JSON.stringify({ jobsUrl: base, ...misbehaving, ...more })], { reject: false });
    expect((await work({ dieAt: '15' })).exitCode).toBe(9);
    // 7, and the five that it died with.
    expect(session.boardState?.().answered).toBe(14);
    expect(session.inFlight()).toBe(10 + 6);
    const second = work({});
    await expect.poll(() => session.inFlight(), { timeout: 15_000, interval: 20 }).toBe(0);
    await expect.poll(() => session.boardState?.().late, { timeout: 15_000, interval: 20 }).toBe(1);
    second.kill();
    await second;
    await session.close();

    expect(records.length).toBe(30);
    expect(session.boardState?.()).toEqual({
      waiting: 0,
      reserved: 0,
      answered: 27,
      duplicates: 3,
      late: 1,
      unknown: 0,
      expired: 3 * 2 + 4 + 1,
      refused: 0,
    });
    expect(byOutcome(records, 'timeout').map(String)).toEqual(never);
    expect(byOutcome(records, 'ok').length).toBe(27);
    const redelivered = records.filter((record) => record.outcome === 'ok' && serviceMs(record) >= leaseMs);
    expect(redelivered.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual([15, 16, 18, 19, 25]);
    for (const record of records.filter(({ seq }) => !never.includes(String(seq)) && seq !== 25)) {
      const { plannedMs, startMs: takenMs, bodySentMs, endMs } = record;
      const stamps = [plannedMs, takenMs, bodySentMs, endMs];
      expect(stamps).toEqual(stamps.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
      expect(record).toMatchObject({ bytesOut: 30_000, errorCode: null, check: 'consistency' });
      expect(record.bytesIn).toBeGreaterThan(100);
    }
    // The taker that dropped it, or that was late, had fetched it too.
    for (const record of records.filter(({ seq }) => seq === 7 || seq === 25)) {
      expect(record.bytesOut).toBe(60_000);
    }
  });
});

describe('the offers', () => {
  it('end as dropped if nobody comes, or if too many are open', async () => {
    const { session, records } = open();
    const startMs = clock.nowMs();
    await session.runStage(openRows(every(5, 10), { maxInFlight: 4 }), startMs, startMs + 60);
    expect([session.inFlight(), session.planned(), session.audioSecondsInFlight()]).toEqual([4, 10, 8]);
    expect(session.latenessMs().length).toBe(4);
    await session.close();
    const codes = records.toSorted((a, b) => a.seq - b.seq).map(({ errorCode }) => errorCode);
    expect(codes).toEqual([...Array<string>(4).fill('not_taken'), ...Array<string>(6).fill('max_in_flight')]);
    expect(records.every(({ outcome, startMs: takenMs }) => outcome === 'dropped' && takenMs === null)).toBe(true);
  });

  it('end with the run: what was not offered is dropped, what was taken has its age', async () => {
    const { session, records, jobsUrl } = open();
    const startMs = clock.nowMs();
    const stage = session.runStage(openRows([0, 0, 60_000]), startMs, startMs + 60_000);
    const base = await jobsUrl();
    const taken = await fetch(`${base}/jobs/1/tasks/`, { method: 'POST', body: '{"batch_size":1}' });
    expect(((await taken.json()) as { tasks: unknown[] }).tasks.length).toBe(1);
    session.stop();
    await stage;
    await session.close();
    const ends = records.toSorted((a, b) => a.seq - b.seq).map(({ outcome, errorCode }) => `${outcome} ${errorCode}`);
    expect(ends).toEqual(['in_flight_at_end reserved', 'dropped not_taken', 'dropped run_stopped']);
  });

  it('wait for no slot', async () => {
    const { session } = open();
    await expect(session.runStage(closedRows(1, 0), 0, 0)).rejects.toThrow('no slots');
  });
});

describe('the image host', () => {
  it('streams many images at once, and holds none of them for readers that stand still', async () => {
    const { session, jobsUrl } = open();
    const bytes = 24_000_000;
    const startMs = clock.nowMs();
    await session.runStage(openRows(Array<number>(40).fill(0), { bytes }), startMs, startMs);
    const base = await jobsUrl();
    const taken = await fetch(`${base}/jobs/1/tasks/`, { method: 'POST', body: '{"batch_size":100}' });
    const { tasks } = (await taken.json()) as { tasks: { image_url: string }[] };
    const beforeBytes = process.memoryUsage.rss();
    const calls = tasks.map(({ image_url }) => httpRequest(image_url, { agent: false }));
    const responses = await Promise.all(
      calls.map(
        (call) =>
          new Promise<NodeJS.ReadableStream>((resolve) => {
            call.on('response', resolve);
            call.end();
          }),
      ),
    );
    expect(responses.length).toBe(40);
    await clock.sleepUntil(clock.nowMs() + 300);
    expect(process.memoryUsage.rss() - beforeBytes).toBeLessThan(150 * 1024 * 1024);
    let received = 0;
    for await (const chunk of responses[0] ?? []) {
      received += chunk.length;
    }
    expect(received).toBe(bytes);
    for (const call of calls) {
      call.on('error', () => undefined).destroy();
    }
  });
});

describe('bad requests', () => {
  const bad: readonly [string, string, RequestInit, number][] = [
    ['a path that is not served', '/../etc', {}, 404],
    ['no JSON', '/jobs/1/tasks/', { method: 'POST', body: 'x' }, 400],
    ['a body over 16 MiB', '/jobs/1/result/', { method: 'POST', body: Buffer.alloc(17 * 1024 * 1024) }, 413],
  ];
  it.each(bad)('%s is answered with a 4xx and counted', async (_, path, init, status) => {
    const { session, jobsUrl } = open();
    expect((await fetch(`${await jobsUrl()}${path}`, init)).status).toBe(status);
    expect(session.boardState?.().refused).toBe(1);
  });
});

describe('announcing', () => {
  it('tells the target once where the jobs are', async () => {
    const { sink, asked } = await sinkThat(202);
    const { session, jobsUrl } = open({ announces: true }, sink.url.href);
    await jobsUrl();
    await expect.poll(() => asked).toEqual(['POST /v1/ingest/source']);
    await session.close();
  });

  it.each([
    [409, 'The target answered 409'],
    [404, 'The target answered 404'],
  ])('ends the stage if the target answers %i', async (status, message) => {
    const { sink } = await sinkThat(status);
    const { session, records } = open({ announces: true }, sink.url.href);
    await expect(session.runStage(openRows(every(50, 1000)), clock.nowMs(), clock.nowMs() + 50_000)).rejects.toThrow(
      message,
    );
    expect(records.length).toBe(1000);
  });

  it('ends the stage if the target is not there', async () => {
    const { session } = open({ announces: true });
    await expect(session.runStage(openRows([0]), clock.nowMs(), clock.nowMs() + 50_000)).rejects.toThrow(
      'ECONNREFUSED',
    );
  });

  it('names the address that is taken', async () => {
    const first = open();
    const port = Number(new URL(await first.jobsUrl()).port);
    const { session } = open({ port });
    await expect(session.runStage(openRows([0]), clock.nowMs(), clock.nowMs() + 50_000)).rejects.toThrow(
      `The job board cannot listen on 127.0.0.1:${port}: EADDRINUSE.`,
    );
  });
});

describe('a plan', () => {
  const planOf = (load: Load, abandonAfterMs: number | null = null): Plan => {
    const client =
      abandonAfterMs === null
        ? null
        : { abandonAfterMs, retries: 0, retryPauseMs: 0, uploadBytesPerSecond: null, disconnectAtRatio: null };
    const stage = { name: 'one', kind: 'load', load, durationMs: 1, timeoutMs: 1, pick: 'shuffled', client } as const;
    return { hash: '', stages: [{ index: 0, stage, refersTo: [] }], rows: () => null, rates: () => [] };
  };
  const rate: Load = { executor: 'constant-arrival-rate', rate: 1, arrivals: 'poisson', maxInFlight: 9 };
  const ramp: Load = { executor: 'ramping-arrival-rate', fromRate: 1, toRate: 2, arrivals: 'uniform', maxInFlight: 9 };
  const burst: Load = { executor: 'burst', size: 9, repeats: 1, everyMs: 0, maxInFlight: 9 };
  it.each([rate, ramp, burst])('with $executor is kept for a target that fetches', (load) => {
    expect(jobBoard.keeps(planOf(load), jobQueue)).toEqual({ keeps: true });
  });

  const vus: Load = { executor: 'constant-vus', vus: 1, thinkMs: 0 };
  const ramping: Load = { executor: 'ramping-vus', fromVus: 1, toVus: 2, thinkMs: 0 };
  const shared: Load = { executor: 'shared-iterations', vus: 1, iterations: 2, thinkMs: 0 };
  it.each([vus, ramping, shared, { ...shared, executor: 'per-vu-iterations' } as Load])(
    'with $executor is refused: the target decides how much it has open',
    (load) => {
      expect(jobBoard.keeps(planOf(load), jobQueue)).toEqual({
        keeps: false,
        why: expect.stringContaining('stage one has VUs') as string,
      });
    },
  );

  it('with impatient clients is refused, and so is one of a target that is called', () => {
    expect(jobBoard.keeps(planOf(burst, 5), jobQueue)).toMatchObject({ keeps: false });
    expect(jobBoard.keeps(planOf(burst), rawAdapter)).toMatchObject({ keeps: false });
  });
});
