import { appendFileSync, rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { type RunFolder, readManifest, readResult } from '../../store/run-folder.ts';
import { checkSeal } from '../../store/seal.ts';
import { removeScratch, scratchFolder, writeRun, writeSealedRun } from '../../testing/run-folder.ts';
import { type ProcessView, whyHarnessIsGone } from '../harness-process.ts';
import { recoverRun } from './recover-run.ts';

afterEach(removeScratch);

const dead: ProcessView = { isAlive: () => false, read: () => null };

const startedAt = '2026-01-01T00:00:00.000Z';
const startedS = Date.parse(startedAt) / 1000;
const argv = ['run', 'smoke', '--header', 'X: ***'];

/** A host that was booted so long before the run, with one process. */
function host(process: { startS: number; commandLine: string[] } | null, bootS = -1000): ProcessView {
  const ticks = process === null ? 0 : (process.startS - bootS) * 100;
  const stat = `42 (node) S 1 ${Array.from({ length: 17 }, () => '0').join(' ')} ${ticks} 0 0 0 0`;
  const files: Record<string, string> = {
    '/proc/stat': `cpu 1 2 3\nbtime ${startedS + bootS}\n`,
    ...(process === null
      ? {}
      : { '/proc/42/stat': stat, '/proc/42/cmdline': `${process.commandLine.join('\u0000')}\u0000` }),
  };
  return { isAlive: () => process !== null, read: (path) => files[path] ?? null };
}

describe('the harness of a run', () => {
  const own = ['node', 'bench', 'run', 'smoke', '--header', 'X: secret'];
  it.each([
    { why: 'it still runs', view: host({ startS: -1, commandLine: own }), gone: null },
    { why: 'its number is free', view: host(null), gone: 'process 42 is gone' },
    {
      why: 'its number was used again',
      view: host({ startS: 60, commandLine: own }),
      gone: 'process 42 is another one, which was started later',
    },
    {
      why: 'another program had the number all along, in another container',
      view: host({ startS: -500, commandLine: ['nginx', '-g', 'daemon off;'] }),
      gone: 'process 42 is another program',
    },
    {
      why: 'the host was booted since',
      view: host({ startS: 4000, commandLine: own }, 3600),
      gone: 'the host was started anew since',
    },
    { why: 'nothing but its number can be asked', view: { isAlive: () => true, read: () => null }, gone: null },
  ])('is known to be there or gone: $why', ({ view, gone }) => {
    expect(whyHarnessIsGone({ pid: 42, startedAt, argv }, view)).toBe(gone);
  });
});

describe('a run whose harness was killed', () => {
  const running = { status: 'running', endedAt: null, measured: null } as const;

  it('is marked as aborted, gets its result, and stays unsealed', async () => {
    const folder = writeRun(scratchFolder(), { manifest: running });
    const { result, sentences } = await recoverRun(folder, [], dead);
    expect(result).toMatchObject({ status: 'aborted', validity: { state: 'invalid' } });
    expect(readManifest(folder)).toMatchObject({ status: 'aborted', exitCause: 'the harness was killed' });
    expect(readResult(folder).requests.outcomes.ok).toBe(3);
    expect(await checkSeal(folder)).toMatchObject({ sealed: false });
    expect(sentences).toContain('result.json is missing: it is made from the tables.');
  });

  it('is left alone while it goes on', async () => {
    const folder = writeRun(scratchFolder(), { manifest: running });
    await expect(recoverRun(folder, [], { isAlive: () => true, read: () => null })).rejects.toMatchObject({
      message: 'a-run is still running as process 1.',
    });
    expect(readManifest(folder).status).toBe('running');
  });

  it.each([
    {
      why: 'a torn last line',
      change: (folder: RunFolder) => appendFileSync(folder.requests, '7,load,it'),
      sentence: 'requests.csv ends in a torn line: 9 bytes are dropped, 3 rows before them are good.',
    },
    {
      why: 'no samples were written yet',
      change: (folder: RunFolder) => rmSync(folder.samples),
      sentence: 'samples.csv is missing: what it held is unknown.',
    },
    {
      why: 'killed before any table stood',
      change({ requests, samples, events }: RunFolder) {
        [requests, samples, events].forEach((path) => {
          rmSync(path);
        });
      },
      sentence: 'requests.csv is missing: what it held is unknown.',
    },
  ])('is read as far as it can be: $why', async ({ change, sentence }) => {
    const folder = writeRun(scratchFolder(), { manifest: running });
    change(folder);
    const { result, sentences } = await recoverRun(folder, [], dead);
    expect(sentences).toContain(sentence);
    expect(result?.status).toBe('aborted');
  });

  it('keeps its status if it was killed between its end and its seal', async () => {
    const folder = writeRun(scratchFolder());
    const { result, sentences } = await recoverRun(folder, [], dead);
    expect(result?.status).toBe('completed');
    expect(sentences[0]).toBe('The run ended as completed, but was killed before its seal: it stays unsealed.');
  });
});

describe('a run that was sealed', () => {
  it('needs no recovery', async () => {
    const folder = await writeSealedRun(scratchFolder());
    const { result, sentences } = await recoverRun(folder, [], dead);
    expect(result).toBeNull();
    expect(sentences).toEqual(['The run needs no recovery: it is sealed, and its status is completed.']);
  });

  it('gets its result again if that was lost', async () => {
    const folder = await writeSealedRun(scratchFolder());
    rmSync(folder.result);
    expect((await recoverRun(folder, [], dead)).result?.status).toBe('completed');
    expect(await checkSeal(folder)).toEqual({ sealed: true, differences: [] });
  });
});
