import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { virtualClock } from '../../base/virtual-clock.ts';
import { simulatedEngine } from '../../engines/simulated/simulated.ts';
import { executors } from '../../executors/index.ts';
import type { EngineContext } from '../../model/engine.ts';
import type { CapacitySearch, ResolvedProfile } from '../../model/profile.ts';
import { readRun } from '../../store/read-run.ts';
import { createRunFolder } from '../../store/run-folder.ts';
import { doublingSearch, profile, stage } from '../../testing/build.ts';
import { manifest } from '../../testing/build-manifest.ts';
import { anyOptions, rawAdapter, streamedItem } from '../../testing/contract-rows.ts';
import { analyze } from '../analyze/analyze.ts';
import { compilePlan } from '../plan/plan.ts';
import { type CompileStages, planOfStep, searchCapacity } from './capacity-search.ts';
import { LoadControl } from './load-control.ts';
import { Recorder } from './recorder.ts';
import { RenewableSession } from './renewable-session.ts';
import { SearchRunner } from './search-runner.ts';

const searching = profile({
  stages: [stage('base', 'idle', 1000), stage('load', 'load', 2000)],
  search: doublingSearch,
});
const items = Array.from({ length: 3 }, (_, index) => streamedItem(`item-${index}`, 1000));
const corpus = { name: 'clips', title: 'clips', digest: 'cc', items };
const compile: CompileStages = (stages) =>
  compilePlan({ profile: { ...searching, stages, search: null }, corpus, executors });

describe('the plan of a step', () => {
  const seqsOf = (ordinal: number): number[] => {
    const rows = planOfStep(searching, doublingSearch, { ordinal, vus: 2 }, compile).rows(
      searching.stages.length + (ordinal - 1) * 2,
      new Map(),
    );
    return rows?.model === 'closed' ? [0, 1].map((slot) => rows.draw(slot, 0)?.seq ?? -1) : [];
  };

  it('numbers its rows above those of all stages and steps before it', () => {
    expect([seqsOf(1), seqsOf(2)]).toEqual([
      [2_000_000, 2_000_001],
      [4_000_000, 4_000_001],
    ]);
  });

  it('is the same for the same step, and another for other VUs', () => {
    const hash = (ordinal: number, vus: number): string =>
      planOfStep(searching, doublingSearch, { ordinal, vus }, compile).hash;
    expect(hash(1, 2)).toBe(hash(1, 2));
    expect(new Set([hash(1, 2), hash(1, 3), hash(2, 2)]).size).toBe(3);
  });
});

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-search-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A search against a server of four slots that takes 1100 ms for each item, and what its files say afterwards. */
async function searchInFiles(
  runId: string,
  onStep: (control: LoadControl, vus: number) => void = () => undefined,
  memory: { usedBytes: () => number | null; isReopened: boolean } = { usedBytes: () => null, isReopened: false },
): Promise<ReturnType<typeof analyze>> {
  const folder = createRunFolder(scratch, runId);
  const clock = virtualClock();
  const recorder = new Recorder(folder, items);
  let runner: SearchRunner | null = null;
  const server = { slots: 4, baseMs: 100, msPerAudioSecond: 500, msPerMebibyte: 0 };
  const context: EngineContext = {
    url: new URL('http://127.0.0.1/'),
    adapter: rawAdapter,
    adapterOptions: anyOptions,
    headers: {},
    clock,
    tlsAuthorities: null,
    folder: '',
    onRecord(record) {
      recorder.request(record);
      runner?.request(record);
    },
  };
  const session = new RenewableSession(() => simulatedEngine(server).open(context));
  const control = new LoadControl(clock, session, recorder);
  const onStage: ConstructorParameters<typeof SearchRunner>[0]['loop']['onStage'] = ({ stage: { load } }) => {
    if (load?.executor === 'constant-vus') {
      onStep(control, load.vus);
      runner?.observe();
    }
  };
  const live: { profile: ResolvedProfile; search: CapacitySearch } = { profile: searching, search: doublingSearch };
  runner = new SearchRunner({
    ...live,
    compile,
    loop: { clock, session, recorder, control, onStage },
    usedBytes: memory.usedBytes,
    guardBytes: () => null,
    restart: memory.isReopened ? () => session.renew() : null,
  });
  await searchCapacity(doublingSearch, runner);
  await session.close();
  recorder.close();
  const { measured } = manifest();
  const planned = { planned: session.planned(), endMs: clock.nowMs() };
  writeFileSync(
    folder.manifest,
    JSON.stringify(manifest({ profile: searching, measured: measured === null ? null : { ...measured, ...planned } })),
  );
  // A run has samples too; this one had nothing to sample.
  return analyze(await readRun(folder), []);
}

describe('a search', () => {
  it('finds the slots of the server, and its files alone tell it again', async () => {
    const { search: found, stages, validity } = await searchInFiles('kept');
    // Five at once are answered no faster, six still less so; eight wait too long besides.
    expect(found).toMatchObject({ kneeVus: 4, lastGoodVus: 4, firstBrokenVus: 5 });
    expect(found?.why).toContain('hardly more');
    expect(found?.steps.map(({ vus, verdict }) => `${vus} ${verdict}`)).toEqual([
      '1 kept',
      '2 kept',
      '4 kept',
      '8 broke',
      '6 broke',
      '5 broke',
      '4 kept',
    ]);
    expect(found?.steps.map(({ repeats }) => repeats)).toEqual([null, null, null, null, null, null, 'step-3']);
    expect(found).toMatchObject({ confirmedVus: null, unconfirmedWhy: 'memory was not read' });
    expect(found?.steps[2]).toMatchObject({ name: 'step-3', errorRatio: 0, p95Ms: 1100 });
    expect(found?.steps[2]?.achievedPerSecond).toBeCloseTo(4 / 1.1, 1);
    expect(stages.map(({ name }) => name).slice(0, 4)).toEqual(['step-1', 'step-1-lull', 'step-2', 'step-2-lull']);
    expect(validity.reasons.join(' ')).not.toContain('recorded twice');
  });

  it('ends where the guard stops the load, and that step is broken', async () => {
    const { search: found } = await searchInFiles('guarded', (control, vus) => {
      if (vus === 4) {
        control.guardStop({ reason: 'memory is at 91 %', isTargetLimit: true, projectedMsToLimit: 900 }, 1);
      }
    });
    expect(found).toMatchObject({ lastGoodVus: 2, firstBrokenVus: 4, kneeVus: null });
    expect(found?.why).toBe(
      '4 at once: memory is at 91 %; the search ended there, since this engine cannot begin again',
    );
  });

  const nearLimit = { reason: 'memory is at 91 %', isTargetLimit: true, projectedMsToLimit: 900 };
  const mib = 1024 ** 2;

  it('goes on below a step that the guard stopped once memory has come back, and never above it', async () => {
    let usedBytes = 100 * mib;
    const { search: found, validity } = await searchInFiles(
      'resumed',
      (control, vus) => {
        if (vus === 4) {
          control.guardStop(nearLimit, 1);
        }
        usedBytes = 100 * mib;
      },
      { usedBytes: () => usedBytes, isReopened: true },
    );
    expect(found?.steps.map(({ vus, verdict }) => `${vus} ${verdict}`)).toEqual([
      '1 kept',
      '2 kept',
      '4 stopped',
      '3 kept',
      '3 kept',
    ]);
    expect(found).toMatchObject({ lastGoodVus: 3, firstBrokenVus: 4 });
    expect(found?.why).toContain('memory came back, and the search went on below');
    expect(validity.reasons.join(' ')).not.toMatch(/recorded twice|sum/);
  });

  it.each([
    {
      why: 'memory stays',
      onStop: () => undefined,
      usedAfter: 500,
      says: 'memory stayed at 500 MiB, above the 100 MiB of 2 at once',
    },
    {
      why: 'the target was replaced',
      onStop: (control: LoadControl) => control.targetGone(1, 'it left'),
      usedAfter: 90,
      says: 'the target was lost: it left',
    },
    {
      why: 'a signal ends the run',
      onStop: (control: LoadControl) => control.interrupted('SIGINT'),
      usedAfter: 90,
      says: null,
    },
  ])('ends after a stop of the guard where $why', async ({ why, onStop, usedAfter, says }) => {
    let usedBytes = 100 * mib;
    const { search: found } = await searchInFiles(
      why.replaceAll(' ', '-'),
      (control, vus) => {
        if (vus === 4) {
          control.guardStop(nearLimit, 1);
          onStop(control);
          usedBytes = usedAfter * mib;
        }
      },
      { usedBytes: () => usedBytes, isReopened: true },
    );
    expect(found?.steps.map(({ vus }) => vus)).toEqual([1, 2, 4]);
    expect(found?.why).toContain(says ?? 'the run ended before the search did');
  });

  it('judges nothing by a step in which a signal ended the run', async () => {
    const { search: found } = await searchInFiles('interrupted', (control, vus) => {
      if (vus === 4) {
        control.interrupted('SIGINT');
      }
    });
    expect(found).toMatchObject({ lastGoodVus: 2, firstBrokenVus: null });
    expect(found?.steps.at(-1)).toMatchObject({ vus: 4, verdict: 'unfinished' });
    expect(found?.why).toContain('the run ended before the search did');
  });
});
