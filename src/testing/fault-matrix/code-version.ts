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

/** Digest of the names and bytes of all files below the folders that count. */
export function digestOfFolders(folders: readonly string[], counts: (path: string) => boolean = () => true): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    const names = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter(counts)
      .sort();
    for (const name of names) {
      const bytes = readFileSync(name);
      hash.update(`${name.slice(folder.length)} ${bytes.length}\n`).update(bytes);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * By the id of a fault: another one means that the fault is to be judged again. What is expected of the other faults
 * has no say in it, so that data that are mended cost the runs of that fault alone.
 */
export function codeVersions(builtRoot: string, faults: readonly string[]): ReadonlyMap<string, string> {
  const faultFiles = join(builtRoot, 'reference-server', 'faults');
  const ownFiles = new Map(faults.map((fault) => [join(faultFiles, `${fault}.js`), fault]));
  const folders = [
    ...builtFolders.map((folder) => join(builtRoot, folder)),
    ...dataFolders.map((folder) => resolve(folder)),
  ];
  const shared = digestOfFolders(folders, (path) => !path.endsWith('.map') && !ownFiles.has(path));
  return new Map(
    [...ownFiles].map(([own, fault]) => [fault, `${shared}-${digestOfFolders([faultFiles], (path) => path === own)}`]),
  );
}
