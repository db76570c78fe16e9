import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { detectors } from '../detectors/index.ts';
import type { RunResult } from '../model/result.ts';
import { sections } from '../sections/index.ts';
import { readRun } from '../store/read-run.ts';
import { readResult, runFolderAt, writeResult } from '../store/run-folder.ts';
import { analyze } from './analyze/analyze.ts';
import { renderPage } from './render/render.ts';
import { verifyRun } from './sealed/verify-run.ts';

const root = new URL('../../', import.meta.url);
const folder = runFolderAt(fileURLToPath(new URL('results/sample', root)));
const page = fileURLToPath(new URL('reports/sample.html', root));
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';
const remedy = 'If the change is meant, run: npm run golden, and look at the diff.';
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** A real run that is kept in the repository: what is made of it must not change unnoticed. */
describe('the sample run', () => {
  let result: RunResult;
  beforeAll(async () => {
    result = analyze(await readRun(folder), detectors);
    if (isUpdate) {
      writeResult(folder, result);
      writeFileSync(page, await renderPage([result], sections));
    }
  });

  it('is analyzed to its result.json', () => {
    expect(plain(result), remedy).toEqual(plain(readResult(folder)));
  });

  it('is drawn as reports/sample.html', async () => {
    const drawn = await renderPage([readResult(folder)], sections);
    const kept = existsSync(page) ? readFileSync(page, 'utf8') : '';
    // Compared as a whole: a diff of two pages tells nobody anything.
    expect(drawn === kept, `reports/sample.html is another page. ${remedy}`).toBe(true);
  });

  it('breaks no rule of PROTOCOL that a folder can show', async () => {
    const { rules } = await verifyRun(folder, detectors);
    expect(rules.filter(({ state }) => state === 'broken')).toEqual([]);
  });
});
