import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import type { Adapter } from '../../model/adapter.ts';
import type { Plan, StageRows } from '../../model/plan.ts';
import type { ClientManners, Load, Stage } from '../../model/profile.ts';
import { anyOptions, closedRows, every, openRows, rawAdapter } from '../../testing/contract-rows.ts';
import { drawRows } from './closed-rows.ts';
import { endingOf, type K6Ending } from './exit-code.ts';
import { findK6, parseK6Version, requireK6 } from './find-k6.ts';
import { k6 } from './k6.ts';
import { estimatedBytes, overCap } from './memory.ts';
import { parseSample, wallMsOf } from './samples.ts';
import { openScenario } from './scenario.ts';
import { scriptText } from './script.ts';
import { draftStage, placeStages } from './stage-script.ts';
import { splitAddress } from './target-address.ts';

const timing = { startTime: '0ns', gracefulStop: '0ns' };
const frame = { key: 's0', startMs: 0, durationMs: 4000 };

/** Slots with `each` rows, or rows that all share. */
function counted(slots: number, each: number, isShared: boolean): StageRows & { model: 'closed' } {
  const plain = closedRows(slots, 0);
  let drawn = 0;
  const has = (turn: number): boolean => (isShared ? drawn < each : turn < each);
  return {
    ...plain,
    draw(slot, turn) {
      const row = has(turn) ? plain.draw(slot, turn) : null;
      drawn += 1;
      return row;
    },
  };
}

/** n(t) = from t + (to - from) t^2 / 2T, turned around. */
function ramp(from: number, to: number, seconds: number): number[] {
  const slope = (to - from) / seconds;
  const count = Math.ceil(((from + to) / 2) * seconds);
  return Array.from({ length: count }, (_, n) => (2000 * n) / (from + Math.sqrt(from * from + 2 * slope * n)));
}

describe('arrivals as k6 makes them', () => {
  it('even ones are one in each gap, with a VU for each that may be in flight', () => {
    expect(openScenario(openRows(every(250, 8), { maxInFlight: 3 }), timing)).toMatchObject({
      leadMs: 0,
      options: {
        executor: 'constant-arrival-rate',
        rate: 1,
        timeUnit: '250000000ns',
        duration: '1875000000ns',
        preAllocatedVUs: 3,
        maxVUs: 3,
      },
    });
  });

  it.each([
    ['rising', 2, 10],
    ['falling', 10, 2],
  ])('a %s ramp keeps both of its rates and gains the first request by a leg of its own', (_, from, to) => {
    const { options, leadMs } = openScenario(openRows(ramp(from, to, 10)), timing);
    expect(leadMs).toBe(1);
    const stages = options.executor === 'ramping-arrival-rate' ? options.stages : [];
    expect((stages[1]?.target ?? 0) / 1e6).toBeCloseTo(from, 3);
    expect((stages[2]?.target ?? 0) / 1e6).toBeCloseTo(to, 0);
  });

  it.each([
    ['a burst', [0, 0, 0]],
    ['chance', [0, 130, 180, 700, 720]],
    ['arrivals that begin late', [500, 600, 700]],
  ])('%s is refused', (_, arrivals) => {
    expect(() => openScenario(openRows(arrivals), timing)).toThrow('neither even nor an even ramp');
  });
});

describe('rows of a closed stage', () => {
  it('those that all share are told from those of each slot', () => {
    expect(drawRows(counted(3, 5, true), 4000)).toMatchObject({ take: 'counter', isCounted: true });
    expect(drawRows(counted(3, 5, false), 4000)).toMatchObject({ take: 'slot', isCounted: true, rowsPerSlot: 5 });
    expect(drawRows(closedRows(3, 0), 4000)).toMatchObject({ take: 'slot', isCounted: false });
  });

  it('all of them are drawn, slot after slot', () => {
    const { rows } = drawRows(counted(3, 2, false), 4000);
    expect(rows.map(({ seq }) => seq)).toEqual([0, 3, 1, 4, 2, 5]);
  });
});

describe('the script', () => {
  const stages: readonly [string, StageRows][] = [
    ['constant-arrival-rate', openRows(every(100, 20))],
    ['ramping-arrival-rate', openRows(ramp(2, 10, 4))],
    ['constant-vus', closedRows(2, 500)],
    ['ramping-vus', { ...closedRows(2, 500), window: (slot) => ({ fromMs: slot * 2000, toMs: 4000 }) }],
    ['shared-iterations', counted(3, 5, true)],
    ['per-vu-iterations', counted(3, 5, false)],
  ];

  it('of every executor is right by the types of k6', () => {
    const folder = mkdtempSync(join(tmpdir(), 'headroom-k6-types-'));
    try {
      mkdirSync(join(folder, 'node_modules'));
      const types = fileURLToPath(new URL('../../../node_modules/@types', import.meta.url));
      symlinkSync(types, join(folder, 'node_modules', '@types'));
      const names = stages.map(([name, rows]) => {
        const placed = placeStages([draftStage(rows, frame)], rawAdapter, anyOptions);
        const path = join(folder, `${name}.ts`);
        const plan = { planHash: 'h', baseUrl: 'http://t', stages: placed.stages, places: placed.bodies.places };
        writeFileSync(path, scriptText(plan, './data.json'));
        return path;
      });
      const program = ts.createProgram(names, {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        types: ['k6'],
        lib: ['lib.es2023.d.ts'],
      });
      const told = ts.getPreEmitDiagnostics(program).map(({ messageText, start, file }) => {
        const line = file?.text.slice(0, start).split('\n').length ?? '';
        return `${file?.fileName ?? ''}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      });
      expect(told).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('knows the target without its credentials', () => {
    expect(splitAddress(new URL('http://me:pass%20word@host:80/behind/'))).toEqual({
      baseUrl: 'http://host/behind',
      headers: { authorization: `Basic ${Buffer.from('me:pass word').toString('base64')}` },
    });
    expect(splitAddress(new URL('https://host'))).toEqual({ baseUrl: 'https://host', headers: {} });
  });
});

describe('samples', () => {
  it('keep the nanoseconds of their time, in any zone', () => {
    expect(wallMsOf('2026-11-21T19:46:03.468806242Z') % 1000).toBeCloseTo(468.806, 3);
    expect(wallMsOf('2026-11-21T20:46:03.5+01:00')).toBe(Date.UTC(2026, 10, 21, 19, 46, 3, 500));
  });

  it.each([
    ['another metric', '{"metric":"http_reqs","type":"Point","data":{"time":"2026-11-21T19:46:03Z","value":1}}'],
    ['a definition', '{"metric":"headroom_begun","type":"Metric","data":{}}'],
    ['a line that a killed k6 left half written', '{"metric":"headroom_begun","type":"Point","data":{"time":"2026'],
    [
      'bytes of an iteration that sent no request',
      '{"metric":"data_sent","type":"Point","data":{"time":"","value":1}}',
    ],
  ])('%s is passed over', (_, line) => {
    expect(parseSample(line)).toBeNull();
  });
});

describe('how k6 ends', () => {
  const table: readonly [string, number | null, string | null, boolean, K6Ending['how']][] = [
    ['all done', 0, null, false, 'done'],
    ['Ctrl-C in its own terminal', 105, null, false, 'interrupted'],
    ['our kill', null, 'SIGKILL', true, 'interrupted'],
    ['a kill by the kernel', null, 'SIGKILL', false, 'failed'],
    ['a configuration that it does not take', 104, null, false, 'failed'],
    ['an exception while the script is loaded', 107, null, false, 'failed'],
    ['a panic', 109, null, false, 'failed'],
  ];
  it.each(table)('%s', (_, exitCode, signal, wasAsked, how) => {
    expect(endingOf(exitCode, signal, wasAsked).how).toBe(how);
  });
});

describe('finding k6', () => {
  it('takes K6_PATH alone where it is set, and says what is missing', () => {
    expect(findK6({ K6_PATH: process.execPath, PATH: '' })).toBe(process.execPath);
    expect(findK6({ K6_PATH: '/nowhere/k6', PATH: process.env['PATH'] })).toBeNull();
    expect(() => requireK6({ PATH: '/nowhere' })).toThrow(expect.objectContaining({ code: 'ENGINE_UNAVAILABLE' }));
  });

  it.each([
    ['k6 v2.2.0 (go1.26.8, linux/amd64)', 'v2.2.0'],
    ['k6 v1.8.1 (commit/abc, go1.24)', 'v1.8.1'],
    ['some other k6', null],
  ])('reads the version of "%s"', (text, version) => {
    expect(parseK6Version(text)).toBe(version);
  });
});

describe('what k6 keeps', () => {
  const manners: ClientManners = {
    abandonAfterMs: 1000,
    retries: 1,
    retryPauseMs: 0,
    uploadBytesPerSecond: null,
    disconnectAtRatio: null,
  };
  const even: Load = { executor: 'constant-arrival-rate', rate: 1, arrivals: 'uniform', maxInFlight: 4 };
  const burst: Load = { executor: 'burst', size: 4, repeats: 1, everyMs: 0, maxInFlight: 4 };

  function planOf(load: Load, rows: StageRows, client: ClientManners | null = null): Plan {
    const stage: Stage = { name: 'x', kind: 'load', load, durationMs: 4000, timeoutMs: 1000, pick: 'first', client };
    return { hash: 'h', stages: [{ index: 0, stage, refersTo: [] }], rows: () => rows, rates: () => [] };
  }

  const answers: readonly [string, Plan, string | null][] = [
    ['even arrivals', planOf(even, openRows(every(1000, 4), { maxInFlight: 4 })), null],
    ['VUs', planOf({ executor: 'constant-vus', vus: 2, thinkMs: 0 }, closedRows(2, 0)), null],
    ['Poisson', planOf({ ...even, arrivals: 'poisson' }, openRows([])), 'Poisson'],
    ['a burst', planOf(burst, openRows([0, 0])), 'spaces'],
    ['impatient clients', planOf(even, openRows(every(1000, 4)), manners), 'give up'],
    ['a large corpus', planOf(even, openRows(every(1000, 4), { bytes: 1e9, maxInFlight: 1 })), 'take about'],
  ];
  it.each(answers)('%s', (_, plan, why) => {
    const answer = k6.keeps(plan, rawAdapter as Adapter);
    expect(answer.keeps ? null : answer.why).toEqual(why === null ? null : expect.stringContaining(why));
  });

  it('its memory grows with the corpus once for all VUs, and with the bodies in flight', () => {
    const demand = { corpusBytes: 240e6, largestBytes: 24e6, vus: 10 };
    expect(overCap(demand)).toBeNull();
    expect(overCap({ ...demand, vus: 64 })).toContain('64 VUs');
    expect(estimatedBytes({ ...demand, vus: 11 }) - estimatedBytes(demand)).toBeGreaterThan(24e6);
  });
});
