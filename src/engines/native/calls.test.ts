import { describe, expect, it } from 'vitest';
import type { AdapterOptions, CallAdapter, WireRequest } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { PlanRow } from '../../model/plan.ts';
import type { ClientManners } from '../../model/profile.ts';
import { Calls } from './calls.ts';

const mib = 1024 ** 2;
const text = (bytes: number): WireRequest['segments'] => [{ bytes: new Uint8Array(bytes) }];

interface Made {
  calls: Calls;
  /** How often a request was made of an item. */
  count(): number;
}

function callsOf(wire: Partial<WireRequest>, headers: Readonly<Record<string, string>> = {}): Made {
  let made = 0;
  const adapter = {
    request() {
      made += 1;
      return { method: 'POST', path: '/v1/x', headers: {}, segments: text(10), ...wire };
    },
  } as unknown as CallAdapter;
  const calls = new Calls({ adapter, adapterOptions: {} as AdapterOptions, headers, basePath: '/base' });
  return { calls, count: () => made };
}

const item = (bytes = 10): CorpusItem => ({ id: 'i', bytes }) as unknown as CorpusItem;
const row = (of: CorpusItem, client: ClientManners | null = null): PlanRow =>
  ({ item: of, client }) as unknown as PlanRow;

describe('Calls', () => {
  it.each([
    ['a length is told', {}, {}, { 'content-length': '10' }],
    ['a GET without a body has no length', { method: 'GET', segments: [] }, {}, {}],
    ['a POST without a body has length 0', { segments: [] }, {}, { 'content-length': '0' }],
    ['names become lower case', { headers: { 'X-A': '1' } }, {}, { 'content-length': '10', 'x-a': '1' }],
    [
      'what is sent with every request wins',
      { headers: { 'X-A': 'format', 'X-B': 'format' } },
      { 'x-a': 'user' },
      { 'content-length': '10', 'x-a': 'user', 'x-b': 'format' },
    ],
    ['our length wins over one of the format', { headers: { 'Content-Length': '9' } }, {}, { 'content-length': '10' }],
  ] as const)('has headers such that %s', (_why, wire, shared, headers) => {
    expect(callsOf(wire, shared).calls.of(row(item())).headers).toEqual(headers);
  });

  it('puts the path of the target before that of the format', () => {
    expect(callsOf({}).calls.of(row(item())).path).toBe('/base/v1/x');
  });

  it('makes one call of an item, however often it is sent', () => {
    const { calls, count } = callsOf({});
    const one = item();
    const first = calls.of(row(one));
    expect(first.isKept).toBe(true);
    expect(calls.of(row(one))).toBe(first);
    calls.of(row(item()));
    expect(count()).toBe(2);
  });

  it('gives a client its own call of the same bytes, which nobody keeps', () => {
    const { calls, count } = callsOf({});
    const one = item();
    const client = { disconnectAtRatio: 0.5 } as unknown as ClientManners;
    const own = calls.of(row(one, client));
    expect(own).toMatchObject({ client, isKept: false });
    expect(own.segments).toBe(calls.of(row(one)).segments);
    expect(calls.of(row(one)).client).toBeNull();
    expect(count()).toBe(1);
  });

  it('keeps 8 MiB of calls and makes the others anew', () => {
    const { calls, count } = callsOf({ segments: text(3 * mib) });
    const items = [item(), item(), item()];
    expect(items.map((one) => calls.of(row(one)).isKept)).toEqual([true, true, false]);
    for (const one of items) {
      calls.of(row(one));
    }
    expect(count()).toBe(4);
  });

  it('holds no bytes of an item, however long it is', () => {
    const long = item(500 * mib);
    const { calls } = callsOf({ segments: [{ item: long }] });
    expect(calls.of(row(long))).toMatchObject({ bytes: 500 * mib, isKept: true });
  });
});
