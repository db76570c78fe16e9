import { createReadStream, createWriteStream, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Manifest } from '../../model/manifest.ts';
import { maskArguments } from './mask-arguments.ts';

/** A shorter one stands in ordinary words too often to be taken out of them. */
const shortestCharacters = 8;
const chunkBytes = 1024 ** 2;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** As it was given, as a URL means it, and as basic authentication sends it. */
function formsOf(secret: string): string[] {
  return [...new Set([secret, decoded(secret)])].flatMap((text) => [text, Buffer.from(text).toString('base64')]);
}

/**
 * The secrets that a run was given, to be taken out of what others write about it: a server that logs its requests
 * or its own arguments, an agent that quotes us (PROTOCOL 8.4).
 */
export class KnownSecrets {
  readonly #secrets: readonly string[];
  readonly #text: RegExp | null;

  constructor(argv: readonly string[], more: readonly (string | null)[] = []) {
    const found = new Set<string>();
    const add = (secret: string): void => {
      for (const form of secret.length < shortestCharacters ? [] : formsOf(secret)) {
        found.add(form);
      }
    };
    maskArguments(argv, add);
    for (const secret of more) {
      add(secret ?? '');
    }
    this.#secrets = [...found].sort((a, b) => b.length - a.length);
    this.#text = this.#patternOf((secret) => secret);
  }

  hide(text: string): string {
    return this.#text === null ? text : text.replace(this.#text, '***');
  }

  /** What a manifest quotes of others. */
  hideTold(manifest: Manifest): Manifest {
    return {
      ...manifest,
      exitCause: manifest.exitCause === null ? null : this.hide(manifest.exitCause),
      target: { ...manifest.target, observed: this.hide(manifest.target.observed) },
      notObserved: manifest.notObserved.map(({ what, why }) => ({ what: this.hide(what), why: this.hide(why) })),
    };
  }

  /** Of every file below these folders. One that cannot be written anew is removed. */
  async hideInFiles(folders: readonly string[]): Promise<void> {
    for (const folder of folders.filter((one) => existsSync(one))) {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())) {
        await this.#hideInFile(join(entry.parentPath, entry.name));
      }
    }
  }

  async #hideInFile(path: string): Promise<void> {
    // Bytes as characters, so that a file which is no text stays what it is.
    const pattern = this.#patternOf((secret) => Buffer.from(secret).toString('latin1'));
    if (pattern === null || !(await this.#isIn(path, pattern))) {
      return;
    }
    const fresh = `${path}.hidden`;
    try {
      await pipeline(this.#hiddenChunks(path, pattern), createWriteStream(fresh, { encoding: 'latin1', flags: 'wx' }));
      renameSync(fresh, path);
    } catch {
      rmSync(fresh, { force: true });
      rmSync(path, { force: true });
    }
  }

  async #isIn(path: string, pattern: RegExp): Promise<boolean> {
    for await (const chunk of this.#hiddenChunks(path, pattern, () => '\0found\0')) {
      if (chunk.includes('\0found\0')) {
        return true;
      }
    }
    return false;
  }

  /** A secret may lie across two chunks, so that the end of one waits for the next. */
  async *#hiddenChunks(path: string, pattern: RegExp, mark = () => '***'): AsyncGenerator<string> {
    const kept = Math.max(...this.#secrets.map((secret) => Buffer.byteLength(secret))) - 1;
    let rest = '';
    for await (const chunk of createReadStream(path, { encoding: 'latin1', highWaterMark: chunkBytes })) {
      const text = `${rest}${String(chunk)}`.replace(pattern, mark);
      const end = Math.max(0, text.length - kept);
      yield text.slice(0, end);
      rest = text.slice(end);
    }
    yield rest;
  }

  #patternOf(form: (secret: string) => string): RegExp | null {
    const escaped = this.#secrets.map((secret) => form(secret).replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'));
    return escaped.length === 0 ? null : new RegExp(escaped.join('|'), 'g');
  }
}
