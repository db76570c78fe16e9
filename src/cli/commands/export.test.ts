import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manifest } from '../../testing/build-manifest.ts';
import { sampleResult } from '../../testing/sample-result.ts';
import { exportCommand } from './export.ts';

const result = sampleResult();
let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-export-'));
  const folder = join(scratch, result.runId);
  mkdirSync(folder);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest()));
  writeFileSync(join(folder, 'result.json'), JSON.stringify(result));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

async function exported(format: string, out?: string): Promise<string> {
  const told: string[] = [];
  const terminal = { out: (text: string) => void told.push(text), err: () => undefined };
  const options = { format, results: scratch, ...(out === undefined ? {} : { out: join(scratch, out) }) };
  expect(await exportCommand([result.runId], options, terminal)).toBe(0);
  return told.join('\n');
}

describe('bench export', () => {
  it.each([
    { format: 'junit', begins: '<?xml' },
    { format: 'bmf', begins: '{' },
    { format: 'openmetrics', begins: '# TYPE' },
  ])('prints the one file of $format', async ({ format, begins }) => {
    expect((await exported(format)).startsWith(begins)).toBe(true);
  });

  it.each([
    { format: 'markdown', files: ['annotations.txt', 'comment.md', 'summary.md'] },
    { format: 'otava', files: ['longform-sustained.csv', 'otava.yaml'] },
    { format: 'gha', files: ['gha-bigger-is-better.json', 'gha-smaller-is-better.json'] },
    { format: 'junit', files: ['junit.xml'] },
  ])('writes the files of $format into a folder, and prints their paths', async ({ format, files }) => {
    const told = await exported(format, 'made');
    expect(readdirSync(join(scratch, 'made')).sort()).toEqual(files);
    expect(told.split('\n')).toHaveLength(files.length);
  });

  it.each([
    { why: 'several files without a folder', format: 'markdown', says: 'markdown makes 3 files' },
    { why: 'a format that there is not', format: 'junitt', says: 'There is no export format "junitt"' },
    { why: 'a session that the format cannot tell', format: 'uttera', says: '--subject-commit' },
  ])('refuses $why', async ({ format, says }) => {
    await expect(exported(format)).rejects.toThrow(says);
  });
});
