import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { listedNames } from './listed-names.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A loader that writes the URL of every module it loads to stderr, one a line with this mark. */
const mark = 'loaded ';
const hook = `import { writeSync } from 'node:fs';
export async function load(url, context, next) { writeSync(2, ${JSON.stringify(mark)} + url + '\\n'); return next(url, context); }`;
const dataUrl = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`;
const registers = dataUrl(`import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hook))});`);

/** Paths of our own files and names of packages that the built bench loads for these arguments. */
async function loadedBy(argv: readonly string[]): Promise<{ files: readonly string[]; packages: readonly string[] }> {
  const run = promisify(execFile)(process.execPath, ['--import', registers, 'src/bench.js', ...argv], { cwd: root });
  const { stderr } = await run.catch((error: unknown) => error as { stderr: string });
  const urls = stderr
    .split('\n')
    .filter((line) => line.startsWith(`${mark}file:`))
    .map((line) => line.slice(mark.length));
  return {
    files: urls.flatMap((url) => /\/dist\/(.*)\.js$/.exec(url)?.[1] ?? []).toSorted(),
    packages: [...new Set(urls.flatMap((url) => /\/node_modules\/([^/]+)\//.exec(url)?.[1] ?? []))],
  };
}

describe('what bench loads', { timeout: 60_000 }, () => {
  it.each([
    { argv: ['--help'], why: 'the first page' },
    { argv: ['--version'], why: 'the version' },
    { argv: ['rnu'], why: 'a slip' },
  ])('for $argv are names and commander: $why', async ({ argv }) => {
    const { files, packages } = await loadedBy(argv);
    expect(packages).toEqual(['commander']);
    expect(files).toEqual(['base/errors', 'cli/closed-pipe', 'cli/front', 'cli/main', 'cli/outline']);
  });

  it.each([
    { argv: ['run', '--help'], why: 'most options' },
    { argv: ['history', 'add', '--help'], why: 'a command below another' },
    { argv: ['corpus', 'fit', '--help'], why: 'the largest group' },
    { argv: ['run'], why: 'an argument is missing' },
  ])('for $argv carries out nothing, and is of no package but commander: $why', async ({ argv }) => {
    const { files, packages } = await loadedBy(argv);
    expect(packages).toEqual(['commander']);
    expect(files).toContain('cli/main');
    expect(files.filter((file) => /^cli\/commands|^phases|^store|^generators|^probes/.test(file))).toEqual([]);
  });

  it('for the completion of a shell is no list of plug-ins, since every new shell waits for it', async () => {
    const { files, packages } = await loadedBy(['completion', 'bash']);
    expect(packages).toEqual(['commander']);
    expect(files).toContain('cli/commands/completion');
    expect(files.filter((file) => /^(adapters|engines|phases|reference-server)|listed-names/.test(file))).toEqual([]);
  });

  it('the names in the built completion are those of the lists', async () => {
    const file = new URL('../../dist/cli/completion-names.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(await listedNames());
  });
});
