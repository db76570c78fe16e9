import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { systemCodeOf } from './errors.ts';

/**
 * Makes a folder with its ancestors; one that is there is left alone. Throws Node's system error. Not Node's own
 * recursive call: below a folder that takes no folders and says ENOENT (`/proc`), that one never returns.
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let folder = resolve(path); !existsSync(folder); folder = dirname(folder)) {
    missing.push(folder);
  }
  if (missing.length === 0 && !statSync(path).isDirectory()) {
    // Says EEXIST.
    mkdirSync(path);
  }
  for (const folder of missing.reverse()) {
    makeOne(folder);
  }
}

function makeOne(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have been first.
    if (systemCodeOf(error) !== 'EEXIST') {
      throw error;
    }
  }
}
