import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Of the built code: all that has a say in what a modelled run shows and how it is judged. */
const builtFolders = [
  'base',
  'computed',
  'detectors',
  'engines',
  'executors',
  'generators',
  'model',
  'phases',
  'reference-server',
  'store',
  join('testing', 'fault-world'),
];
const dataFolders = ['profiles', 'corpora'];

/** Digest of the names and bytes of all files below the folders. */
export function digestOfFolders(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    const names = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort();
    for (const name of names) {
      const bytes = readFileSync(name);
      hash.update(`${name.slice(folder.length)} ${bytes.length}\n`).update(bytes);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/** Another one means that all is to be judged again. */
export function codeVersion(builtRoot: string): string {
  return digestOfFolders([
    ...builtFolders.map((folder) => join(builtRoot, folder)),
    ...dataFolders.map((folder) => resolve(folder)),
  ]);
}
