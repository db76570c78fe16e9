import { afterEach, describe, expect, it } from 'vitest';
import type { OpenRows } from '../../model/plan.ts';
import { retrySeqFrom } from '../../model/plan.ts';
import type { ClientManners } from '../../model/profile.ts';
import { closedRows, openRows, serviceMs } from '../../testing/contract-rows.ts';
import { type Manners, openSink, type Sink } from '../../testing/sink.ts';
import { drive, patientClient } from './drive.fixture.ts';

function inManner(rows: OpenRows, manners: Partial<ClientManners>): OpenRows {
  return { ...rows, rows: rows.rows.map((row) => ({ ...row, client: { ...patientClient, ...manners } })) };
}

// Stamps are held against real time on a host that others may keep busy for a moment.
describe('a client of the native engine', { retry: 2 }, () => {
  let sink: Sink | null = null;
  afterEach(async () => {
    await sink?.close();
    sink = null;
  });

  async function serve(manners: (index: number) => Manners): Promise<Sink> {
    sink = await openSink(manners);
    return sink;
  }

  it('lets go, pauses and asks for the same item again, each time as a record of its own', async () => {
    const { url } = await serve(() => ({ do: 'answer', delayMs: 5000 }));
    const rows = inManner(openRows([0]), { abandonAfterMs: 50, retries: 2, retryPauseMs: 30 });
    const { records, planned, latenessMs } = await drive(url, rows, { durationMs: 400 });
    expect(records.map(({ seq, attempt, retryOf, itemId }) => [seq, attempt, retryOf, itemId])).toEqual([
      [0, 1, null, 'item-0'],
      [retrySeqFrom, 2, 0, 'item-0'],
      [retrySeqFrom + 1, 3, 0, 'item-0'],
    ]);
    for (const record of records) {
      expect(record).toMatchObject({ outcome: 'cancelled', errorCode: 'abandoned', bytesOut: 1000, status: null });
      expect(serviceMs(record)).toBeGreaterThanOrEqual(50);
    }
    for (const [index, record] of records.slice(1).entries()) {
      expect(record.plannedMs - (records[index]?.endMs ?? 0)).toBeCloseTo(30, 5);
    }
    expect(planned).toBe(3);
    expect(latenessMs).toHaveLength(3);
    expect(Math.min(...latenessMs)).toBeGreaterThanOrEqual(0);
  });

  it('asks no more once it has an answer', async () => {
    const { url } = await serve((index) => ({ do: 'answer', delayMs: index === 0 ? 5000 : 0 }));
    const rows = inManner(openRows([0]), { abandonAfterMs: 60, retries: 5, retryPauseMs: 1 });
    const { records } = await drive(url, rows, { durationMs: 300 });
    expect(records.map(({ outcome }) => outcome)).toEqual(['cancelled', 'ok']);
  });

  it.each([
    ['after the stage', { durationMs: 100 }],
    ['after a stop', { durationMs: 1000, stopAfterMs: 100 }],
  ])('asks no more %s', async (_, options) => {
    const { url } = await serve(() => ({ do: 'answer', delayMs: 5000 }));
    const rows = inManner(openRows([0]), { abandonAfterMs: 50, retries: 100, retryPauseMs: 100 });
    const { records, planned } = await drive(url, rows, options);
    expect(records).toHaveLength(1);
    expect(planned).toBe(1);
  });

  it('is bounded by the requests in flight when it asks again', async () => {
    const { url } = await serve(() => ({ do: 'answer', delayMs: 5000 }));
    const [impatient, patient] = openRows([0, 120], { timeoutMs: 600 }).rows;
    const client = { ...patientClient, abandonAfterMs: 50, retries: 1, retryPauseMs: 300 };
    const rows = [impatient, patient].flatMap((row, index) =>
      row === undefined ? [] : [index === 0 ? { ...row, client } : row],
    );
    const { records, planned } = await drive(url, { model: 'open', maxInFlight: 1, rows }, { durationMs: 500 });
    expect(records.map(({ outcome, errorCode }) => [outcome, errorCode])).toEqual([
      ['cancelled', 'abandoned'],
      ['timeout', 'while_waiting'],
      ['dropped', 'max_in_flight'],
    ]);
    expect(planned).toBe(3);
  });

  it('holds its slot of a closed stage while it asks again', async () => {
    const { url } = await serve(() => ({ do: 'answer', delayMs: 5000 }));
    const client = { ...patientClient, abandonAfterMs: 40, retries: 1, retryPauseMs: 0 };
    const plain = closedRows(1, 0);
    const draw: typeof plain.draw = (slot, turn) => {
      const row = plain.draw(slot, turn);
      return row === null ? null : { ...row, client };
    };
    const { records, planned } = await drive(url, { ...plain, draw }, { durationMs: 300 });
    expect(records.length).toBe(planned);
    expect(records.filter(({ attempt }) => attempt === 2).length).toBeGreaterThanOrEqual(2);
    const inOrder = records.toSorted((a, b) => (a.startMs ?? 0) - (b.startMs ?? 0));
    for (const [index, record] of inOrder.slice(1).entries()) {
      expect(record.startMs).toBeGreaterThanOrEqual(inOrder[index]?.endMs ?? Number.NaN);
    }
  });

  it('has the timeout of its request, where that comes first', async () => {
    const { url } = await serve(() => ({ do: 'answer', delayMs: 5000 }));
    const rows = inManner(openRows([0], { timeoutMs: 50 }), { abandonAfterMs: 50, retries: 1 });
    const { records } = await drive(url, rows, { durationMs: 200 });
    expect(records).toMatchObject([{ outcome: 'timeout', errorCode: 'while_waiting' }]);
  });

  it.each([
    ['in small slices', 20_000, 10_000],
    ['faster than its source gives', 400_000, 200_000],
  ])('writes at its rate to 5 %%, %s', async (_, uploadBytesPerSecond, bytes) => {
    const { url } = await serve(() => ({ do: 'answer' }));
    const rows = inManner(openRows([0], { bytes }), { uploadBytesPerSecond });
    const { records } = await drive(url, rows, { durationMs: 600 });
    expect(records).toMatchObject([{ outcome: 'ok', bytesOut: bytes }]);
    const sentMs = (records[0]?.bodySentMs ?? 0) - (records[0]?.connectedMs ?? 0);
    expect(sentMs).toBeGreaterThanOrEqual(495);
    // Late only by timers of a busy host, never ahead.
    expect(sentMs).toBeLessThan(600);
    expect(sink?.bodyBytes).toEqual([bytes]);
  });

  it.each([
    ['half of a small body', 1000, 0.5],
    ['a third of a large one', 3_000_000, 1 / 3],
    ['less than a byte', 1000, 0.0001],
  ])('disconnects after %s', async (_, bytes, disconnectAtRatio) => {
    const { url } = await serve(() => ({ do: 'answer' }));
    const rows = inManner(openRows([0], { bytes }), { disconnectAtRatio, retries: 3 });
    const { records } = await drive(url, rows, { durationMs: 100 });
    const sent = Math.floor(bytes * disconnectAtRatio);
    expect(records).toMatchObject([
      { outcome: 'cancelled', errorCode: 'disconnected', bytesOut: sent, bodySentMs: null, status: null },
    ]);
    expect(sink?.bodyBytes).toEqual([sent]);
    expect(sink?.sockets()).toBe(0);
  });

  it('is ended by its timeout while it uploads slowly', async () => {
    const { url } = await serve(() => ({ do: 'answer' }));
    const rows = inManner(openRows([0], { bytes: 100_000, timeoutMs: 120 }), { uploadBytesPerSecond: 10_000 });
    const { records } = await drive(url, rows);
    expect(records).toMatchObject([{ outcome: 'timeout', errorCode: 'while_sending' }]);
    expect(records[0]?.bytesOut).toBeGreaterThan(500);
    expect(records[0]?.bytesOut).toBeLessThan(2000);
  });
});
