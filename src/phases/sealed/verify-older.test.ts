import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { profile } from '../../testing/build.ts';
import { removeScratch, scratchFolder, writeSealedRun } from '../../testing/run-folder.ts';
import { verifyRun } from './verify-run.ts';

afterEach(removeScratch);

describe('the verdict of a run that a signal cut', () => {
  const broken = { clause: '7.2', sentences: ['result.json says ok, its findings give inconclusive.'] };

  it.each([
    { version: '1.3', told: [], why: 'was that of what it had seen' },
    { version: '1.4', told: [broken], why: 'is no ok' },
    { version: '1.10', told: [broken], why: 'is no ok later' },
  ])('$why under PROTOCOL $version', async ({ version, told }) => {
    const folder = await writeSealedRun(scratchFolder(), {
      manifest: { status: 'aborted', exitCause: 'SIGINT', protocol: { version, sha256: 'e'.repeat(64) } },
    });
    const result = readFileSync(folder.result, 'utf8');
    expect(result).toContain('"verdict":"inconclusive","findings"');
    writeFileSync(folder.result, result.replace('"verdict":"inconclusive","findings"', '"verdict":"ok","findings"'));
    const { rules } = await verifyRun(folder, []);
    expect(rules.filter(({ state }) => state === 'broken')).toMatchObject(told);
  });
});

describe('the profile of a run', () => {
  it('is not held against an older one that has the path of its recipe there', async () => {
    const older = { profile: profile({ corpus: '/home/alice/talks.yaml' }) };
    const { isSound, rules } = await verifyRun(await writeSealedRun(scratchFolder(), { manifest: older }), []);
    expect(isSound).toBe(true);
    expect(rules.filter(({ state }) => state === 'not-checked')).toContainEqual(
      expect.objectContaining({
        clause: '8.1',
        sentences: [expect.stringContaining('Its corpus was a file')],
      }),
    );
  });
});
