import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { adapters } from './index.ts';

it('lists each adapter of the folder once, and its file name is its id', () => {
  const files = readdirSync(new URL('.', import.meta.url))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'index.ts')
    .map((name) => name.replace(/\.ts$/, ''));
  expect(adapters.map((adapter) => adapter.id).toSorted()).toEqual(files.toSorted());
});
