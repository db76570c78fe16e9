import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CorpusItem } from '../model/corpus.ts';
import { readItems, writeItems } from './items-table.ts';
import { createRunFolder } from './run-folder.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-items-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const item = (id: string, bytes: number, traits: CorpusItem['traits'], attachments: CorpusItem[] = []): CorpusItem => ({
  id,
  bytes,
  sha256: null,
  mediaType: 'audio/wav',
  fileName: `${id}.wav`,
  content: 'code',
  traits,
  truth: {},
  attachments,
  chunks: () => [],
});

describe('items.csv', () => {
  it('keeps what an item weighs with its attachments, and leaves out what it has not', async () => {
    const folder = createRunFolder(scratch, 'a-run');
    writeItems(folder, [
      item('clips/1', 320_044, { audioSeconds: 20 }),
      item('chats/1', 100, {}, [item('p1', 50, { pixels: 64 }), item('p2', 60, { pixels: 100 })]),
    ]);
    expect(readFileSync(folder.items, 'utf8')).toBe(
      'item_id,bytes,audio_seconds,pixels\nclips/1,320044,20,\nchats/1,210,,164\n',
    );
    expect([...(await readItems(folder))]).toEqual([
      ['clips/1', { bytes: 320_044, audioSeconds: 20, pixels: null }],
      ['chats/1', { bytes: 210, audioSeconds: null, pixels: 164 }],
    ]);
  });

  it('is empty for a run that kept none', async () => {
    expect((await readItems(createRunFolder(scratch, 'a-run'))).size).toBe(0);
  });
});
