import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { folderWith } from '../../testing/media-folder.ts';
import { corpusFitCommand, type FitOptions } from './corpus-fit.ts';
import { corpusImportCommand } from './corpus-import.ts';

let folder = '';
let out = '';
let err = '';
beforeEach(() => {
  folder = folderWith({ 'sizes.csv': `seconds\n${Array.from({ length: 60 }, (_, index) => 2 + index).join('\n')}\n` });
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function fitSizes(changed: Partial<FitOptions>): Promise<number> {
  const options = { name: 'calls', force: false, licence: 'Apache-2.0', out: folder, ...changed };
  return corpusFitCommand(join(folder, 'sizes.csv'), options);
}

describe('bench corpus fit', () => {
  it('writes the recipe, says how near it comes and what to do next', async () => {
    const path = join(folder, 'calls.yaml');
    expect(await fitSizes({})).toBe(0);
    expect(out).toBe(`${path}\n`);
    expect(readFileSync(path, 'utf8')).toMatch(/^name: calls\ntitle: Audio of 2\.0 s to 1 min 01 s, /);
    expect(err).toContain('Every part agrees within one item.');
    expect(err).toContain(`Next: bench corpus inspect ${path}`);
  });

  it('points editors to the schema where that lies beside', async () => {
    writeFileSync(join(folder, 'recipe.schema.json'), '{}');
    await fitSizes({});
    const [first] = readFileSync(join(folder, 'calls.yaml'), 'utf8').split('\n');
    expect(first).toBe('# yaml-language-server: $schema=./recipe.schema.json');
  });

  it('prints the recipe alone on stdout', async () => {
    await fitSizes({ out: '-', title: 'Our calls', count: 10 });
    expect(out).toMatch(/^name: calls\ntitle: Our calls\n.*\nlicence: Apache-2\.0\n$/s);
    expect(readdirSync(folder)).toEqual(['sizes.csv']);
  });

  it('overwrites a recipe only if it is told to', async () => {
    await fitSizes({});
    await expect(fitSizes({})).rejects.toThrowError(expect.objectContaining({ code: 'USAGE', exitCode: 2 }));
    expect(await fitSizes({ force: true })).toBe(0);
  });

  it.each([
    {
      why: 'a folder that is not there',
      changed: { out: '/nowhere/x.yaml' },
      message: /there is no folder \/nowhere\./,
    },
    { why: 'a recipe that is no YAML file', changed: { out: 'x.txt' }, message: /a recipe is a \.yaml file/ },
    { why: 'an unknown kind', changed: { kind: 'video' }, message: /--kind "video" is not known\./ },
  ])('refuses $why before it reads the source', async ({ changed, message }) => {
    await expect(fitSizes(changed)).rejects.toThrowError(message);
    expect(err).toBe('');
  });
});

describe('bench corpus import', () => {
  const options = { name: 'ours', force: false, licence: 'as the imported files' };

  it.each([
    { why: 'a folder without usable files', changed: {}, message: / holds no usable file, of 1; a\.bin: / },
    { why: 'a name that is no name', changed: { name: 'Our Files' }, message: /--name "Our Files" is not lower case/ },
    {
      why: 'an output folder that is not there',
      changed: { out: '/nowhere' },
      message: /--out \/nowhere is not a folder\./,
    },
    { why: 'an unknown corpus', changed: { to: 'stt-shrt' }, message: /There is no corpus "stt-shrt"\./ },
  ])('refuses $why and writes nothing', async ({ changed, message }) => {
    const source = folderWith({ 'a.bin': '\u0000' });
    await expect(corpusImportCommand(source, { ...options, out: folder, ...changed })).rejects.toThrowError(message);
    rmSync(source, { recursive: true });
    expect(readdirSync(folder)).toEqual(['sizes.csv']);
  });

  it('leaves a recipe of that name alone', async () => {
    writeFileSync(join(folder, 'ours.yaml'), 'mine');
    await expect(corpusImportCommand(folder, { ...options, out: folder })).rejects.toThrowError(/is there already\./);
    expect(existsSync(join(folder, 'ours.files.jsonl'))).toBe(false);
  });
});
