import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { BenchError, systemCodeOf } from '../base/errors.ts';
import { replaceFile } from '../base/replace-file.ts';

export const usualFolder = 'corpora';
const schemaName = 'recipe.schema.json';

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Throws USAGE for a file that is there already, before any work is done for it. */
export function refuseExisting(path: string, force: boolean): void {
  if (!force && existsSync(path)) {
    throw new BenchError('USAGE', `${path} is there already.`, {
      hint: 'Choose another --name or --out, or overwrite it with --force.',
    });
  }
}

/**
 * Where the recipe goes: `--out` as a file or in a folder, else corpora/NAME.yaml if there is such a folder;
 * null: stdout. Throws USAGE if it cannot be written there.
 */
export function recipePathFor(name: string, out: string | null, force: boolean): string | null {
  if (out === '-' || (out === null && !isFolder(usualFolder))) {
    return null;
  }
  const folder = out ?? usualFolder;
  const path = isFolder(folder) ? join(folder, `${name}.yaml`) : folder;
  if (!isFolder(dirname(path))) {
    throw new BenchError('USAGE', `--out ${path}: there is no folder ${dirname(path)}.`, { hint: 'Make it first.' });
  }
  if (!path.endsWith('.yaml')) {
    throw new BenchError('USAGE', `--out ${path}: a recipe is a .yaml file.`, { hint: `Write it like ${name}.yaml.` });
  }
  refuseExisting(path, force);
  return path;
}

/** Editors check a recipe beside the schema while it is written. */
export function withSchemaLine(recipeText: string, path: string): string {
  return existsSync(join(dirname(path), schemaName))
    ? `# yaml-language-server: $schema=./${schemaName}\n${recipeText}`
    : recipeText;
}

/** Whole or not at all. Throws USAGE or NO_SPACE. */
export function writeWhole(path: string, text: string): void {
  try {
    replaceFile(path, text);
  } catch (error: unknown) {
    const code = systemCodeOf(error);
    if (code === null) {
      throw error;
    }
    throw new BenchError(code === 'ENOSPC' ? 'NO_SPACE' : 'USAGE', `${path} cannot be written (${code}).`, {
      hint: code === 'ENOSPC' ? 'Free some space.' : 'Check the permissions of its folder, or choose another one.',
      cause: error,
    });
  }
}

/** How a command names the corpus that was written: by name where it is found by name. */
export function corpusArgument(path: string): string {
  const isUsual = relative(usualFolder, path) === basename(path);
  return isUsual ? basename(path, '.yaml') : path;
}
