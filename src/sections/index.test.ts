import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sections } from './index.ts';

describe('the list of sections', () => {
  it('names every file of its folder once', () => {
    const files = readdirSync(new URL('.', import.meta.url), { withFileTypes: true })
      .filter((entry) => entry.isFile() && !/^index\.|\.test\.ts$/.test(entry.name))
      .map((entry) => entry.name.replace(/\.ts$/, ''));
    expect(sections.map((section) => section.id).toSorted()).toEqual(files.toSorted());
  });
});
