import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { RunFolder } from './run-folder.ts';
import { replaceOrSay } from './write-or-say.ts';

/** result.json is derived and may be rebuilt, so it is not sealed (PROTOCOL 8.3). */
const unsealed = new Set(['result.json', 'SHA256SUMS']);
/** What a harness that was killed within `replaceFile` leaves behind. */
const unfinished = /^(manifest\.json|result\.json|SHA256SUMS)(\.\d+){1,2}$/;

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function sealedFiles(folder: RunFolder): string[] {
  return readdirSync(folder.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder.path, join(entry.parentPath, entry.name)))
    .filter((name) => !unsealed.has(name) && !unfinished.test(name))
    .sort();
}

/** SHA-256 by file name of all that a seal covers. */
export async function digests(folder: RunFolder): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const name of sealedFiles(folder)) {
    result[name] = await sha256OfFile(join(folder.path, name));
  }
  return result;
}

/** Writes SHA256SUMS in the form that `sha256sum -c` reads. */
export async function seal(folder: RunFolder): Promise<void> {
  const lines = Object.entries(await digests(folder)).map(([name, digest]) => `${digest}  ${name}\n`);
  replaceOrSay(folder.seal, lines.join(''));
}

export interface SealCheck {
  sealed: boolean;
  /** `changed`, `missing` or `added` with the file's name. */
  differences: readonly { file: string; difference: 'changed' | 'missing' | 'added' }[];
}

export async function checkSeal(folder: RunFolder): Promise<SealCheck> {
  if (!existsSync(folder.seal)) {
    return { sealed: false, differences: [] };
  }
  const expected = new Map<string, string>();
  for (const line of readFileSync(folder.seal, 'utf8').split('\n')) {
    const match = /^([0-9a-f]{64}) {2}(.+)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) {
      expected.set(match[2], match[1]);
    }
  }
  const found = await digests(folder);
  const differences: { file: string; difference: 'changed' | 'missing' | 'added' }[] = [];
  for (const [file, digest] of expected) {
    if (found[file] === undefined) {
      differences.push({ file, difference: 'missing' });
    } else if (found[file] !== digest) {
      differences.push({ file, difference: 'changed' });
    }
  }
  for (const file of Object.keys(found)) {
    if (!expected.has(file)) {
      differences.push({ file, difference: 'added' });
    }
  }
  return { sealed: true, differences };
}
