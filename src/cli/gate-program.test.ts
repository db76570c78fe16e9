import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BenchError } from '../base/errors.ts';
import type { RunResult } from '../model/result.ts';
import { decisionSchema } from '../model/schemas/decision-schema.ts';
import { historyLineSchema } from '../model/schemas/history-schema.ts';
import { createRunFolder } from '../store/run-folder.ts';
import { manifest } from '../testing/build-manifest.ts';
import { shippedConstants, soundResult } from '../testing/gate-nights.ts';
import { addGateCommands } from './gate-program.ts';
import { createOutline } from './outline.ts';

const gib = 1024 ** 3;
let scratch: string;
let gates: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-gate-'));
  gates = join(scratch, 'gates.json');
  const shipped = shippedConstants();
  writeFileSync(gates, JSON.stringify({ ...shipped, calibration: { minSessions: 8 } }));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(scratch, { recursive: true, force: true });
});

/** A run folder with this peak, as a run leaves it. */
function keep(runId: string, peakGib: number, over: Partial<RunResult> = {}): void {
  const folder = createRunFolder(scratch, runId);
  const sound = soundResult();
  const session = { id: runId, repeat: 1, of: 1, purpose: 'manual' } as const;
  const result = {
    ...sound,
    session,
    runId,
    memory: { ...sound.memory, peakBytes: peakGib * gib, limitBytes: 4 * gib },
    ...over,
  };
  writeFileSync(folder.manifest, JSON.stringify(manifest({ runId, schemaVersion: sound.schemaVersion })));
  writeFileSync(folder.result, JSON.stringify(result));
}

/** argv to exit code and what stands on stdout. */
async function bench(...argv: readonly string[]): Promise<{ code: number; text: string }> {
  let code = -1;
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const program = createOutline();
  addGateCommands(program, (exit) => {
    code = exit;
  });
  for (const command of program.commands) {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  }
  const place = argv.includes('--out') ? [] : ['--out', scratch];
  await program.parseAsync(['node', 'bench', ...argv, ...place]);
  vi.mocked(process.stdout.write).mockRestore();
  // CI shows colours; they are not what is tested here.
  return { code, text: stripVTControlCharacters(written.join('')) };
}

/** Eight accepted nights of one GiB. */
async function nights(): Promise<void> {
  for (let night = 0; night < 8; night += 1) {
    keep(`night-${night}`, 1 + 0.001 * (night % 3));
    await bench('history', 'add', `night-${night}`, '--gates', gates);
  }
}

describe('bench gate', () => {
  it('says of a first session that it begins a history, exit 0, and 4 where a baseline is required', async () => {
    keep('first', 1);
    const { code, text } = await bench('gate', 'first');
    expect(code).toBe(0);
    expect(text).toContain('gate calibrating, session first, 1 run');
    expect(text).toContain('The history of this series is empty');
    expect((await bench('gate', 'first', '--require-baseline')).code).toBe(4);
  });

  it('passes what is as usual, warns of a suspect, and fails what a second session shows again', async () => {
    await nights();
    keep('well', 1.01);
    keep('suspect', 1.3);
    keep('again', 1.31);
    keep('not-again', 1);
    expect((await bench('gate', 'well', '--gates', gates, '--require-baseline')).code).toBe(0);
    const suspect = await bench('gate', 'suspect', '--gates', gates);
    expect(suspect.code).toBe(0);
    expect(suspect.text).toContain('next: start the server anew, run nightly 1 time more');
    expect((await bench('gate', 'suspect', '--gates', gates, '--strict')).code).toBe(1);
    expect((await bench('gate', 'suspect', '--gates', gates, '--confirm', 'off')).code).toBe(1);
    const failed = await bench('gate', 'suspect', '--gates', gates, '--confirmation', 'again');
    expect(failed.code).toBe(1);
    expect(failed.text).toContain(
      'fail           peak-memory (relative-history): 1.30 GiB against the median 1.00 GiB of 8 nights',
    );
    const flaky = await bench('gate', 'suspect', '--gates', gates, '--confirmation', 'not-again');
    expect(flaky.code).toBe(0);
    expect(flaky.text).toContain('gate flaky');
  });

  it('takes runs of the purpose confirm as the second session by themselves', async () => {
    await nights();
    keep('suspect', 1.3);
    keep('again', 1.31, { session: { id: 'again', repeat: 1, of: 1, purpose: 'confirm' } });
    expect((await bench('gate', 'suspect', 'again', '--gates', gates)).code).toBe(1);
  });

  it('leaves with 3 for an invalid run and never stores it', async () => {
    keep('late', 1, { validity: { state: 'invalid', reasons: ['the generator was saturated'] } });
    expect((await bench('gate', 'late')).code).toBe(3);
    const added = await bench('history', 'add', 'late');
    expect(added.code).toBe(3);
    expect((await bench('history', 'list')).text).toContain('The history is empty');
  });

  it('tells field by field what makes another host another series', async () => {
    await nights();
    keep('elsewhere', 1, { comparability: { must: { processor: 'another' }, warn: {} } });
    const { code, text } = await bench('gate', 'elsewhere', '--require-baseline');
    expect(code).toBe(4);
    expect(text).toContain('gate not-comparable');
    expect(text).toContain('processor: not read before, another now');
  });

  it('prints exactly one object with --json, and writes the same beside the runs', async () => {
    keep('first', 1);
    const { text } = await bench('gate', 'first', '--json');
    const printed: unknown = JSON.parse(text);
    const kept: unknown = JSON.parse(readFileSync(join(scratch, 'history', 'decisions', 'first.json'), 'utf8'));
    expect(printed).toEqual(kept);
    expect(decisionSchema.parse(printed)).toEqual(printed);
    expect(printed).toMatchObject({ state: 'calibrating', sessionId: 'first', runIds: ['first'] });
  });

  it('explains every rule with its inputs', async () => {
    await nights();
    keep('suspect', 1.3);
    const { code, text } = await bench('gate', 'explain', 'suspect', '--gates', gates);
    expect(code).toBe(0);
    expect(text).toContain('A  invariants');
    expect(text).toContain('centre 1.00 GiB; scale 10.3 MiB; would not pass beyond 1.05 GiB');
    expect(text).toContain('0.5 false reds are expected in a year');
    expect(text).toContain('not judged: leak-hours');
  });

  it.each([
    { why: 'a run that is not there', argv: ['gate', 'nothing'], says: 'There is no run "nothing"' },
    { why: 'runs of different profiles', argv: ['gate', 'one', 'other'], says: 'cannot be one session: profile hash' },
    { why: 'runs of two sessions', argv: ['gate', 'a1', 'b1'], says: 'a1 is of session a, b1 of b' },
    { why: 'only a second session', argv: ['gate', 'second'], says: 'All these runs are of a confirmation session' },
    {
      why: 'a gate file that is not there',
      argv: ['gate', 'one', '--gates', '/nowhere.json'],
      says: 'There is no gate file /nowhere.json',
    },
    { why: 'a gate file of something else', argv: ['gate', 'one', '--gates', 'package.json'], says: 'package.json: ' },
  ])('refuses $why', async ({ argv, says }) => {
    keep('one', 1);
    keep('other', 1, { profile: { ...soundResult().profile, hash: 'x' } });
    keep('a1', 1, { session: { id: 'a', repeat: 1, of: 2, purpose: 'nightly' } });
    keep('b1', 1, { session: { id: 'b', repeat: 1, of: 2, purpose: 'nightly' } });
    keep('second', 1, { session: { id: 'c', repeat: 1, of: 1, purpose: 'confirm' } });
    const attempt = bench(...argv);
    await expect(attempt).rejects.toThrow(BenchError);
    await expect(attempt).rejects.toThrow(says);
  });
});

describe('bench history', () => {
  it('adds a session once, and replaces it once a second session has decided', async () => {
    await nights();
    keep('suspect', 1.3);
    keep('again', 1.3);
    expect((await bench('history', 'add', 'suspect', '--gates', gates)).text).toContain('suspect added');
    expect((await bench('history', 'add', 'suspect', '--gates', gates)).text).toContain('already there');
    const replaced = await bench('history', 'add', 'suspect', '--confirmation', 'again', '--gates', gates);
    expect(replaced.text).toContain('suspect replaced');
    const { text } = await bench('history', 'list', 'nightly', '--json');
    expect((JSON.parse(text) as { sessionId: string }[]).map(({ sessionId }) => sessionId).slice(-2)).toEqual([
      'suspect',
      'suspect',
    ]);
  });

  it('fails on each night of a lasting shift, until somebody accepts it with a reason', async () => {
    await nights();
    keep('shifted', 1.3);
    keep('shifted-2', 1.3);
    keep('second', 1.3);
    await bench('history', 'add', 'shifted', '--confirmation', 'second', '--gates', gates);
    const still = await bench('gate', 'shifted-2', '--confirmation', 'second', '--gates', gates);
    expect(still.code).toBe(1);
    expect(still.text).toContain('Still failing since shifted');
    const accepted = await bench(
      'history',
      'accept',
      'shifted',
      '--reason',
      'a larger model',
      '--author',
      'ann',
      '--expires',
      '2027-01-31',
    );
    expect(accepted.text).toContain('accepted shifted by ann, until 2027-01-31T00:00:00.000Z');
    const after = await bench('gate', 'shifted-2', '--gates', gates);
    expect(after.text).toContain('1 of the 7 accepted nights');
    const lines = JSON.parse((await bench('history', 'list', 'nightly', '--json')).text) as unknown[];
    expect(lines.map((line) => historyLineSchema.parse(line))).toEqual(lines);
    expect((await bench('history', 'list', 'nightly')).text).toContain('from shifted by ann: a larger model');
  });

  it('lists all series, and the nights of one by the beginning of its name', async () => {
    await nights();
    expect((await bench('history', 'list')).text).toContain('8 nights, last');
    expect((await bench('history', 'list', 'night')).text).toContain('peak-memory 1.00 GiB');
  });

  it('tells the noise of enough sessions, and what thresholds fit it', async () => {
    await nights();
    const { code, text } = await bench('history', 'calibrate', 'nightly', '--gates', gates);
    expect(code).toBe(0);
    expect(text).toContain('8 sessions of one version');
    expect(text).toContain('proposed: delta 0.02, deltaRef 0.04');
  });

  it.each([
    { why: 'too few sessions', argv: ['calibrate', 'nightly'], says: '8 sessions of one version; 20 are needed' },
    { why: 'a series that is not there', argv: ['list', 'nothing'], says: 'There is no series "nothing"' },
    {
      why: 'a session that is not there',
      argv: ['accept', 'nothing', '--reason', 'x'],
      says: 'There is no session "nothing"',
    },
    {
      why: 'a date that is none',
      argv: ['accept', 'night-3', '--reason', 'x', '--expires', 'soon'],
      says: '"soon" is no date',
    },
  ])('refuses $why', async ({ argv, says }) => {
    await nights();
    await expect(bench('history', ...argv)).rejects.toThrow(says);
  });
});
