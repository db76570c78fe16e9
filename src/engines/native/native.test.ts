import { afterEach, describe, expect, it } from 'vitest';
import { monotonicClock } from '../../base/clock.ts';
import type { CallAdapter } from '../../model/adapter.ts';
import type { OpenRows } from '../../model/plan.ts';
import type { RequestRecord } from '../../model/record.ts';
import { anyOptions, streamedItem } from '../../testing/contract-rows.ts';
import { describeEngineContract } from '../../testing/engine-contract.ts';
import { openSink, type Sink } from '../../testing/sink.ts';
import { native } from './native.ts';

describeEngineContract(native);

const oneRow: OpenRows = {
  model: 'open',
  maxInFlight: 1,
  rows: [
    { seq: 0, stage: 'one', item: streamedItem('a', 10), timeoutMs: 2000, plannedMs: 0, slot: null, client: null },
  ],
};

const adapter: CallAdapter = {
  kind: 'call',
  id: 'plain',
  title: 'plain',
  accepts: [],
  request: (item) => ({ method: 'POST', path: '/v1/x', headers: { 'x-kind': 'adapter' }, segments: [{ item }] }),
  judge: () => ({ ok: true, check: 'none', answerDigest: null, route: null }),
};

describe('the native engine', () => {
  let sink: Sink | null = null;
  afterEach(async () => {
    await sink?.close();
    sink = null;
  });

  async function sendOne(place: string, used: CallAdapter, close = true): Promise<RequestRecord[]> {
    const seen: string[] = [];
    sink = await openSink((_, request) => {
      seen.push(
        `${request.method} ${request.url} ${String(request.headers['x-kind'])} ${String(request.headers['x-key'])}`,
      );
      return { do: 'answer', body: seen.join(), headers: { 'x-seen': seen.join() } };
    });
    const records: RequestRecord[] = [];
    const clock = monotonicClock();
    const session = native.open({
      url: new URL(place.replace('HOST', sink.url.host)),
      adapter: used,
      adapterOptions: anyOptions,
      headers: { 'x-key': 'secret' },
      clock,
      tlsAuthorities: null,
      folder: '',
      onRecord: (record) => records.push(record),
    });
    await session.runStage(oneRow, 0, 0);
    while (session.inFlight() > 0) {
      await clock.sleepUntil(clock.nowMs() + 2);
    }
    if (close) {
      await session.close();
    } else {
      await expect(session.close()).rejects.toThrow('our bug');
    }
    return records;
  }

  it('puts the path behind the path of the target, and sends the headers of both', async () => {
    const seen: string[] = [];
    const watching: CallAdapter = {
      ...adapter,
      judge(reply, ...rest) {
        seen.push(reply.headers['x-seen'] ?? '');
        return adapter.judge(reply, ...rest);
      },
    };
    expect(await sendOne('http://HOST/behind/proxy/', watching)).toMatchObject([{ outcome: 'ok' }]);
    expect(seen).toEqual(['POST /behind/proxy/v1/x adapter secret']);
  });

  it('has no connection where TLS is not spoken', async () => {
    const [record] = await sendOne('https://HOST/', adapter);
    expect(record).toMatchObject({
      outcome: 'refused',
      status: null,
      bodySentMs: null,
      bytesOut: 0,
      reusedSocket: null,
    });
  });

  it('records a row whose judging threw, and then passes the failure on', async () => {
    const broken: CallAdapter = {
      ...adapter,
      judge() {
        throw new Error('our bug');
      },
    };
    expect(await sendOne('http://HOST/', broken, false)).toMatchObject([
      { outcome: 'semantic_error', errorCode: 'judge_failed' },
    ]);
  });

  it('names a device that is out of memory, though the status is 200', async () => {
    const outOfMemory: CallAdapter = {
      ...adapter,
      judge: () => ({
        ok: false,
        check: 'none',
        answerDigest: null,
        spokenWords: null,
        wordErrors: null,
        route: null,
        code: 'x',
        detail: 'CUDA out of memory',
      }),
    };
    expect(await sendOne('http://HOST/', outOfMemory)).toMatchObject([
      { outcome: 'semantic_error', errorCode: 'device_out_of_memory' },
    ]);
  });
});
