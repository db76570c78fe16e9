import { adapters } from '../adapters/index.ts';
import { engines } from '../engines/index.ts';
import type { ListedNames } from './completion-tree.ts';
import { readFaults } from './faults.ts';

/** Asked of the lists themselves; loads all that stands in them. */
export async function listedNames(): Promise<ListedNames> {
  const ids = (list: readonly { id: string }[]): readonly string[] => list.map(({ id }) => id);
  return { engines: ids(engines), adapters: ids(adapters), faults: ids(await readFaults()) };
}
