import { setFlagsFromString } from 'node:v8';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { readRun } from '../../store/read-run.ts';
import { removeScratch, scratchFolder, writeRun } from '../../testing/run-folder.ts';
import { analyze } from './analyze.ts';
import { analyzeFolder } from './folder.ts';

vi.mock('node:v8', async (original) => ({ ...(await original<object>()), setFlagsFromString: vi.fn() }));
const told = vi.mocked(setFlagsFromString);

describe('analyzing a folder', () => {
  beforeEach(() => told.mockClear());
  afterAll(() => removeScratch());

  it('gives the result of its tables, whether memory is saved or not', async () => {
    const folder = writeRun(scratchFolder());
    const expected = analyze(await readRun(folder), detectors);
    expect(await analyzeFolder(folder, detectors)).toEqual(expected);
    expect(await analyzeFolder(folder, detectors, 0)).toEqual(expected);
  });

  it('saves memory for a long run alone', async () => {
    const folder = writeRun(scratchFolder());
    await analyzeFolder(folder, []);
    expect(told).not.toHaveBeenCalled();
    await analyzeFolder(folder, [], 0);
    expect(told.mock.calls).toEqual([['--optimize-for-size'], ['--no-optimize-for-size']]);
  });

  it('saves it no longer once a table could not be read', async () => {
    const folder = writeRun(scratchFolder());
    await expect(analyzeFolder({ ...folder, events: `${folder.events}.gone` }, [], 0)).rejects.toThrow('is missing');
    expect(told).toHaveBeenLastCalledWith('--no-optimize-for-size');
  });
});
