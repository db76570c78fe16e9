import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first of that name on PATH; null if there is none. */
export function findProgram(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = folders.map((folder) => join(folder, name));
  return paths.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** As our engine finds it: K6_PATH, else PATH. */
export function findK6(): string | null {
  const named = process.env['K6_PATH'] ?? '';
  return named === '' ? findProgram('k6') : named;
}
