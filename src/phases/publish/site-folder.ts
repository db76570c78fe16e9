import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { BenchError, systemCodeOf } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';

const building = '.building-';
const former = '.former';

/**
 * A folder that takes the place of another as a whole. Until `replace` the old one stands untouched, so that a killed
 * publish leaves it as it was; a kill between the two renames of `replace` is mended when the next one opens.
 */
export class SiteFolder {
  readonly #target: string;
  readonly path: string;

  constructor(target: string) {
    this.#target = resolve(target);
    try {
      makeFolder(dirname(this.#target));
      this.#mend();
      this.path = `${this.#target}${building}${process.pid}`;
      rmSync(this.path, { recursive: true, force: true });
      mkdirSync(this.path);
    } catch (error: unknown) {
      throw new BenchError('NO_SPACE', `The site ${target} cannot be written: ${systemCodeOf(error) ?? 'unknown'}.`, {
        hint: 'Give another folder with --reports.',
        cause: error,
      });
    }
  }

  /** What a killed publish left: a site that was moved away comes back. Half-built ones of others are theirs. */
  #mend(): void {
    const held = `${this.#target}${former}`;
    if (existsSync(held) && !existsSync(this.#target)) {
      renameSync(held, this.#target);
    }
    rmSync(held, { recursive: true, force: true });
  }

  /** Takes files over as they are, without copying them: a page is never written in place. */
  keep(name: string): boolean {
    const from = join(this.#target, name);
    if (!existsSync(from)) {
      return false;
    }
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    linkSync(from, join(this.path, name));
    return true;
  }

  /** What lies in the old folder and is none of the site's own: pages of `bench report`, a README. */
  keepOthers(own: readonly string[]): void {
    const names = existsSync(this.#target) ? readdirSync(this.#target, { recursive: true, withFileTypes: true }) : [];
    for (const entry of names.filter((one) => one.isFile())) {
      const name = join(entry.parentPath, entry.name).slice(this.#target.length + 1);
      if (!own.includes(name.split(/[/\\]/)[0] ?? '')) {
        this.keep(name);
      }
    }
  }

  replace(): void {
    const held = `${this.#target}${former}`;
    if (existsSync(this.#target)) {
      renameSync(this.#target, held);
    }
    renameSync(this.path, this.#target);
    rmSync(held, { recursive: true, force: true });
  }

  discard(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
