import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../base/digest.ts';
import { detectors } from '../../detectors/index.ts';
import { schemaVersion } from '../../model/result.ts';
import type { MigrationNote } from '../../store/migration-file.ts';
import { readRun } from '../../store/read-run.ts';
import { type RunFolder, readManifest, runFolderAt } from '../../store/run-folder.ts';
import { checkSeal } from '../../store/seal.ts';
import { removeScratch, scratchFolder, writeSealedRun } from '../../testing/run-folder.ts';
import { type Migrated, migrateRun, stepsFrom } from './migrate-run.ts';
import { verifyRun } from './verify-run.ts';

/** A run of schema 0.1 as it was measured; its samples are cut to some values of each second. */
const captured = fileURLToPath(new URL('../../testing/captured/run-0.1', import.meta.url));

function oldRun(): RunFolder {
  const path = join(scratchFolder(), '20261121T155021Z_smoke_2d1ae56_7680');
  cpSync(captured, path, { recursive: true });
  return runFolderAt(path);
}

async function migrate(folder: RunFolder, inPlace = false): Promise<Migrated> {
  const migrated = await migrateRun({ folder, inPlace, isAnonymized: false, detectors });
  if (migrated === null) {
    throw new Error('There was nothing to migrate.');
  }
  return migrated;
}

afterEach(removeScratch);

describe('a run of schema 0.1', () => {
  it('is not read as it is, and the sentence names the command', async () => {
    const folder = oldRun();
    await expect(readRun(folder)).rejects.toMatchObject({
      code: 'RESULT_UNREADABLE',
      message: `${folder.runId} has schema 0.1; this bench reads 0.2 and later ones.`,
      hint: `Bring it to ${schemaVersion} with: bench migrate ${folder.runId}`,
    });
  });

  it('becomes a sealed run of the present schema beside it that keeps every rule', async () => {
    const folder = oldRun();
    const migrated = await migrate(folder);
    expect(migrated.folder.path).toBe(`${folder.path}-schema-${schemaVersion}`);
    const { rules } = await verifyRun(migrated.folder, detectors);
    expect(rules.filter(({ state }) => state === 'broken')).toEqual([]);
    expect(await checkSeal(folder)).toEqual({ sealed: true, differences: [] });
  });

  it('is judged as before: the guard stopped it near its limit', async () => {
    const { result } = await migrate(oldRun());
    expect(result).toMatchObject({ status: 'stopped', verdict: 'fail', requests: { planned: 30 } });
    expect(result.findings.find(({ detector }) => detector === 'low-headroom')?.verdict).toBe('fail');
  });

  it('has null for what was not recorded, and the value of what it cannot have had', async () => {
    const { folder, note } = await migrate(oldRun());
    const { records, items, manifest } = await readRun(folder);
    expect(new Set(records.map(({ attempt }) => attempt))).toEqual(new Set([1]));
    for (const field of ['connectedMs', 'events', 'outputTokens', 'spokenWords', 'wordErrors', 'retryOf'] as const) {
      expect(new Set(records.map((record) => record[field]))).toEqual(new Set([null]));
    }
    expect(items.size).toBe(0);
    expect(manifest).toMatchObject({
      measurementVersion: 'before 1',
      protocol: null,
      session: { id: folder.runId, repeat: 1, of: 1 },
      subject: { version: null, commit: null, image: null },
      comparability: {
        must: { architecture: 'x64', 'operating system': 'linux', processor: 'AMD EPYC', 'logical cores': '2' },
        warn: { 'frequency governor': null, 'kernel minor version': '6.18' },
      },
    });
    expect(note.unknown).toContainEqual(expect.stringContaining('connected_ms'));
    expect(note.unknown).toContainEqual(expect.stringContaining('items.csv'));
  });

  it('keeps the digests of the originals', async () => {
    const { folder, note } = await migrate(oldRun());
    const digest = sha256Hex(readFileSync(join(captured, 'requests.csv')));
    expect(note.originals['requests.csv']).toBe(digest);
    const written = JSON.parse(readFileSync(join(folder.path, 'migration.json'), 'utf8')) as MigrationNote;
    expect(written).toEqual(note);
  });

  it('takes its own place if that is asked for, and is of the present schema then', async () => {
    const folder = oldRun();
    expect((await migrate(folder, true)).folder.path).toBe(folder.path);
    expect(readManifest(folder)).toMatchObject({ schemaVersion, runId: '20261121T155021Z_smoke_2d1ae56_7680' });
    expect(existsSync(`${folder.path}-schema-${schemaVersion}`)).toBe(false);
    expect(await migrateRun({ folder, inPlace: true, isAnonymized: false, detectors })).toBeNull();
  });
});

describe('a run that is not migrated', () => {
  it('is one whose bytes are not those that were sealed', async () => {
    const folder = oldRun();
    writeFileSync(folder.requests, `${readFileSync(folder.requests, 'utf8')}x`);
    await expect(migrate(folder)).rejects.toMatchObject({
      message: `${folder.runId} is not as it was sealed: changed requests.csv.`,
    });
  });

  it('is one that was migrated before', async () => {
    const folder = oldRun();
    await migrate(folder);
    await expect(migrate(folder)).rejects.toThrow('is already there');
  });

  it('is one of a newer schema, in one sentence', async () => {
    const folder = await writeSealedRun(scratchFolder(), { manifest: { schemaVersion: '7.0' } }).catch(
      (error: unknown) => error,
    );
    expect(folder).toMatchObject({
      message: expect.stringMatching(/has schema 7\.0; this bench reads up to 0\.\d\.$/) as string,
      hint: 'Use a newer headroom to read it.',
    });
  });

  it('is one whose manifest is none of its schema', async () => {
    const folder = oldRun();
    writeFileSync(folder.manifest, '{"schemaVersion":"0.1"}');
    writeFileSync(
      folder.seal,
      readFileSync(folder.seal, 'utf8').replace(
        /.*manifest\.json/,
        `${sha256Hex('{"schemaVersion":"0.1"}')}  manifest.json`,
      ),
    );
    await expect(migrate(folder)).rejects.toThrow('is no manifest of schema 0.1');
  });
});

describe('the chain of steps', () => {
  it('leads from 0.1 to the present schema without a gap', () => {
    const chain = stepsFrom('0.1');
    expect(chain.map(({ to }) => to).at(-1)).toBe(schemaVersion);
    chain.slice(1).forEach((step, index) => {
      expect(step.from).toBe(chain[index]?.to);
    });
    expect(stepsFrom(schemaVersion)).toEqual([]);
  });
});
