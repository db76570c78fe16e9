import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../base/clock.ts';
import { virtualClock } from '../../base/virtual-clock.ts';
import { simulatedEngine } from '../../engines/simulated/simulated.ts';
import type { Adapter } from '../../model/adapter.ts';
import type { EngineContext, LoadEngine } from '../../model/engine.ts';
import type { RequestRecord } from '../../model/record.ts';
import { requestColumns } from '../../store/columns.ts';
import { readTable } from '../../store/read-table.ts';
import { stage } from '../../testing/build.ts';
import { anyOptions, rawAdapter, streamedItem } from '../../testing/contract-rows.ts';
import { NeighbourClient, prepareNeighbour } from './neighbour.ts';

const neighbour = { adapter: 'raw', corpus: 'clips', path: '/other', everyMs: 1000, timeoutMs: 5000 };
const items = Array.from({ length: 3 }, (_, index) => streamedItem(`item-${index}`, 1000));
const corpus = { name: 'clips', title: 'clips', digest: 'cc', items };
/** Answers each of the contract's items after 500 ms. */
const server = simulatedEngine({ slots: 1, baseMs: 100, msPerAudioSecond: 200, msPerMebibyte: 0 });

let scratch = '';
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-neighbour-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

interface Opened {
  client: NeighbourClient;
  clock: Clock;
  ending: AbortController;
  context(): EngineContext | null;
  rows(): Promise<{ stage: string; plannedMs: number; endMs: number; outcome: string; slot: string }[]>;
}

function open(engine: LoadEngine = server): Opened {
  const clock = virtualClock();
  const ending = new AbortController();
  const file = join(scratch, 'neighbour.csv');
  let context: EngineContext | null = null;
  const client = new NeighbourClient({
    prepared: prepareNeighbour(neighbour, corpus, [rawAdapter], 7),
    engine: {
      ...engine,
      open(given) {
        context = given;
        return engine.open(given);
      },
    },
    context: { url: new URL('http://127.0.0.1/'), headers: {}, tlsAuthorities: null, folder: '' },
    adapterOptions: { ...anyOptions, path: '/first', stream: true },
    clock,
    file,
    signal: ending.signal,
  });
  const column = (fields: readonly string[], name: keyof RequestRecord | string): string =>
    fields[requestColumns.indexOf(name as (typeof requestColumns)[number])] ?? '';
  return {
    client,
    clock,
    ending,
    context: () => context,
    async rows() {
      const rows: Awaited<ReturnType<Opened['rows']>> = [];
      await readTable(file, requestColumns, (fields) =>
        rows.push({
          stage: column(fields, 'stage'),
          plannedMs: Number(column(fields, 'planned_ms')),
          endMs: Number(column(fields, 'end_ms')),
          outcome: column(fields, 'outcome'),
          slot: column(fields, 'slot'),
        }),
      );
      return rows;
    },
  };
}

describe('the neighbour', () => {
  it('is asked again so long after each answer, by one client, from the first stage on', async () => {
    const { client, clock, rows } = open();
    await clock.sleepUntil(300);
    client.stageStarts(stage('base', 'idle', 2000));
    await clock.sleepUntil(2000);
    client.stageStarts(stage('load', 'load', 2000));
    await clock.sleepUntil(4000);
    await client.close();
    expect(await rows()).toEqual([
      { stage: 'base', plannedMs: 300, endMs: 800, outcome: 'ok', slot: '0' },
      { stage: 'base', plannedMs: 1800, endMs: 2300, outcome: 'ok', slot: '0' },
      { stage: 'load', plannedMs: 3300, endMs: 3800, outcome: 'ok', slot: '0' },
    ]);
  });

  it('is left alone in a stage of silence, and asked once it is over', async () => {
    const { client, clock, rows } = open();
    client.stageStarts(stage('quiet', 'silence', 3000));
    await clock.sleepUntil(3000);
    client.stageStarts(stage('canary', 'canary', 600));
    await clock.sleepUntil(3600);
    await client.close();
    expect(await rows()).toMatchObject([{ stage: 'canary', plannedMs: 3000 }]);
  });

  it.each([
    ['a run that ends while it waits lets it go at the end', 200, [{ outcome: 'in_flight_at_end', endMs: 200 }]],
    ['a run that ends while it thinks asks no more', 900, [{ outcome: 'ok', endMs: 500 }]],
  ])('%s', async (_why, endMs, expected) => {
    const { client, clock, rows } = open();
    client.stageStarts(stage('base', 'idle', 10_000));
    await clock.sleepUntil(endMs);
    await client.close();
    expect(await rows()).toMatchObject(expected);
  });

  it('is not asked any more once the load was stopped', async () => {
    const { client, clock, ending, rows } = open();
    client.stageStarts(stage('base', 'idle', 10_000));
    await clock.sleepUntil(700);
    ending.abort();
    await clock.sleepUntil(9000);
    await client.close();
    expect(await rows()).toHaveLength(1);
  });

  it('of a run without a stage leaves an empty table', async () => {
    const { client, rows } = open();
    await client.close();
    expect(await rows()).toEqual([]);
    expect(readFileSync(join(scratch, 'neighbour.csv'), 'utf8')).toBe(`${requestColumns.join()}\n`);
  });

  it('is asked at its own path and never for a stream', async () => {
    const { client, context } = open();
    await client.close();
    expect(context()?.adapterOptions).toMatchObject({ path: '/other', stream: false });
  });

  it('that fails by our own fault says so at the end', async () => {
    const broken: LoadEngine = {
      ...server,
      open: (given) => ({
        ...server.open(given),
        runStage: () => Promise.reject(new Error('ours')),
        close: async () => undefined,
      }),
    };
    const { client, clock } = open(broken);
    client.stageStarts(stage('base', 'idle', 1000));
    await clock.sleepUntil(1);
    await expect(client.close()).rejects.toThrow('ours');
  });
});

describe('a neighbour that cannot be asked', () => {
  const serve: Adapter = { ...rawAdapter, accepts: ['image/'] };
  it('is refused before anything is sent', () => {
    expect(() => prepareNeighbour(neighbour, corpus, [serve], 7)).toThrow('cannot carry audio/wav of clips');
    expect(() => prepareNeighbour({ ...neighbour, adapter: 'rav' }, corpus, [rawAdapter], 7)).toThrow('rav');
  });

  it('asks the same items for the same seed', () => {
    const idsOf = (seed: number): string[] => {
      const { itemAt } = prepareNeighbour(neighbour, corpus, [rawAdapter], seed);
      return Array.from({ length: 9 }, (_, n) => itemAt(n).id);
    };
    expect(idsOf(7)).toEqual(idsOf(7));
    expect(new Set(idsOf(7).slice(0, 3)).size).toBe(3);
  });
});
