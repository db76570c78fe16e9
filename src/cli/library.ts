import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unknownName } from '../base/by-id.ts';

/** The folder that holds package.json, also when the compiled code runs. */
export const packageRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Entry points that are started as processes; always the compiled form. */
export const scripts = {
  sampler: join(packageRoot, 'dist', 'cli', 'sampler-main.js'),
  referenceServer: join(packageRoot, 'dist', 'reference-server', 'main.js'),
} as const;

export function packageVersion(): string {
  const read = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  return read.version;
}

/** Names of the YAML files of one kind: the user's own folder first, then the package's. */
export function listYaml(kind: 'profiles' | 'corpora'): readonly string[] {
  const folders = [...new Set([resolve(kind), join(packageRoot, kind)])].filter((folder) => existsSync(folder));
  const names = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => basename(name, '.yaml')),
  );
  return [...new Set(names)].sort();
}

/** The text of a profile or recipe by name or path, and the name to print in messages. */
export function readYaml(kind: 'profiles' | 'corpora', name: string): { text: string; fileName: string } {
  const candidates = name.endsWith('.yaml')
    ? [resolve(name)]
    : [resolve(kind, `${name}.yaml`), join(packageRoot, kind, `${name}.yaml`)];
  const path = candidates.find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw unknownName(kind === 'profiles' ? 'profile' : 'corpus', name, listYaml(kind));
  }
  const shown = relative(process.cwd(), path);
  return { text: readFileSync(path, 'utf8'), fileName: shown.startsWith('..') ? path : shown };
}
