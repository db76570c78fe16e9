import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../base/virtual-clock.ts';
import type { EngineSession } from '../../model/engine.ts';
import type { OpenRows, StageRows } from '../../model/plan.ts';
import type { ClientManners } from '../../model/profile.ts';
import type { RequestRecord } from '../../model/record.ts';
import { anyOptions, closedRows, count, every, openRows, rawAdapter, serviceMs } from '../../testing/contract-rows.ts';
import { serviceMs as modelledMs, type ServerModel } from './server-model.ts';
import { simulated, simulatedEngine } from './simulated.ts';

/** Every item of the contract lasts two seconds of audio, so each takes 1100 ms. */
const server: ServerModel = { slots: 2, baseMs: 100, msPerAudioSecond: 500, msPerMebibyte: 0 };

async function runOn(
  rows: StageRows,
  endMs: number,
  over: Partial<ServerModel> = {},
  drainMs = 100_000,
): Promise<{ records: RequestRecord[]; session: EngineSession }> {
  const clock = virtualClock();
  const records: RequestRecord[] = [];
  const session = simulatedEngine({ ...server, ...over }).open({
    url: new URL('http://127.0.0.1:9/'),
    adapter: rawAdapter,
    adapterOptions: anyOptions,
    headers: {},
    clock,
    tlsAuthorities: null,
    folder: '',
    onRecord: (record) => records.push(record),
  });
  await session.runStage(rows, 0, endMs);
  await clock.sleepUntil(endMs + drainMs);
  await session.close();
  return { records, session };
}

function withClient(rows: OpenRows, client: Partial<ClientManners>): OpenRows {
  const patient: ClientManners = {
    abandonAfterMs: null,
    retries: 0,
    retryPauseMs: 0,
    uploadBytesPerSecond: null,
    disconnectAtRatio: null,
  };
  return { ...rows, rows: rows.rows.map((row) => ({ ...row, client: { ...patient, ...client } })) };
}

describe('the declared server', () => {
  it.each([
    ['audio by its length', { bytes: 1e6, traits: { audioSeconds: 30 } }, 100 + 15_000],
    ['audio without a length in seconds by its bytes', { bytes: 3 * 1024 ** 2, traits: {} }, 100 + 60],
    ['an empty item as the base alone', { bytes: 0, traits: {} }, 100],
  ])('takes %s', (_why, item, expectedMs) => {
    expect(modelledMs(item, { ...server, msPerMebibyte: 20 })).toBe(expectedMs);
  });
});

describe('the simulated engine', () => {
  it('is never chosen by itself, and keeps every plan of requests', async () => {
    expect(simulated.isOnlyByName).toBe(true);
    const rows = openRows([0]);
    const plan = { hash: '', stages: [], rows: () => rows, rates: () => [] };
    expect(simulated.keeps(plan, rawAdapter)).toEqual({ keeps: true });
    expect((await simulated.preflight()).version).not.toBe('');
  });

  it('answers two at a time and lets the third wait', async () => {
    const { records } = await runOn(openRows([0, 0, 0]), 3000);
    expect(records.map(serviceMs)).toEqual([1100, 1100, 2200]);
    expect(count(records, 'ok')).toBe(3);
  });

  it('drops what the plan has no room for', async () => {
    const { records } = await runOn(openRows(every(10, 5), { maxInFlight: 2 }), 1000);
    expect(records.filter((record) => record.errorCode === 'max_in_flight')).toHaveLength(3);
    expect(count(records, 'ok')).toBe(2);
  });

  it('draws the next row of a slot when the last one is answered', async () => {
    const { records } = await runOn(closedRows(2, 0), 10_000, { slots: 1 });
    const plannedBySlot = (slot: number): number[] =>
      records.filter((record) => record.slot === slot).map((record) => record.plannedMs);
    expect(plannedBySlot(0).slice(0, 3)).toEqual([0, 1100, 3300]);
    expect(count(records, 'ok')).toBe(records.length);
  });

  it.each([
    [
      'a timeout ends it and frees its place in the queue',
      openRows([0, 0, 0], { timeoutMs: 1500 }),
      { ok: 2, timeout: 1 },
    ],
    [
      'a client without patience lets go',
      withClient(openRows([0, 0, 0]), { abandonAfterMs: 1200 }),
      { ok: 2, cancelled: 1 },
    ],
    [
      'a client that lets go asks again',
      withClient(openRows([0, 0, 0]), { abandonAfterMs: 1200, retries: 2, retryPauseMs: 100 }),
      { ok: 3, cancelled: 1 },
    ],
    ['a slow upload comes to its end', withClient(openRows([0]), { uploadBytesPerSecond: 1000 }), { ok: 1 }],
    [
      'a client disconnects in the middle of its body',
      withClient(openRows([0]), { disconnectAtRatio: 0.5 }),
      { cancelled: 1 },
    ],
  ] as const)('%s', async (_why, rows, outcomes) => {
    const { records, session } = await runOn(rows, 10_000);
    const counts = Object.fromEntries(Object.keys(outcomes).map((name) => [name, count(records, name as 'ok')]));
    expect(counts).toEqual(outcomes);
    expect(records).toHaveLength(session.planned());
  });

  it('a slow upload is part of the time of its request', async () => {
    const { records } = await runOn(withClient(openRows([0]), { uploadBytesPerSecond: 500 }), 5000);
    expect(records[0]).toMatchObject({ bodySentMs: 2000, endMs: 3100, bytesOut: 1000 });
  });

  it('says what is still open at the end', async () => {
    const { records, session } = await runOn(openRows([0]), 500, {}, 0);
    expect(records).toMatchObject([{ outcome: 'in_flight_at_end', endMs: 500 }]);
    expect([session.inFlight(), session.audioSecondsInFlight(), session.ownCost()]).toEqual([0, 0, null]);
  });

  it('gives every planned request one outcome, whatever the server is', async () => {
    const arrivals = fc.array(fc.nat(5000), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        arrivals,
        fc.integer({ min: 1, max: 5 }),
        fc.nat(900),
        async (timesMs, slots, msPerAudioSecond) => {
          const rows = openRows(
            timesMs.toSorted((a, b) => a - b),
            { maxInFlight: 10, timeoutMs: 3000 },
          );
          const { records, session } = await runOn(rows, 6000, { slots, msPerAudioSecond });
          expect(records.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(timesMs.map((_, seq) => seq));
          expect(session.planned()).toBe(timesMs.length);
        },
      ),
      { numRuns: 40 },
    );
  });
});
