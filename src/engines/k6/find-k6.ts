import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { BenchError, messageOf } from '../../base/errors.ts';

const howToGet =
  'Put k6 v2 on PATH or name it with K6_PATH; .config/install-k6.sh builds it where Go 1.25 or newer is there.';

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** K6_PATH alone where it is set, else the first on PATH; null if there is none. */
export function findK6(environment: NodeJS.ProcessEnv): string | null {
  const named = environment['K6_PATH'];
  if (named !== undefined && named !== '') {
    return isProgram(named) ? named : null;
  }
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, 'k6')).find(isProgram) ?? null;
}

/** Throws ENGINE_UNAVAILABLE. */
export function requireK6(environment: NodeJS.ProcessEnv): string {
  const path = findK6(environment);
  if (path === null) {
    const named = environment['K6_PATH'];
    const where = named === undefined || named === '' ? 'k6 is not on PATH' : `K6_PATH ${named} is no program`;
    throw new BenchError('ENGINE_UNAVAILABLE', `${where}.`, { hint: howToGet });
  }
  return path;
}

/** `k6 v2.2.0 (go1.26.8, linux/amd64)` to `v2.2.0`; null if the text is not k6's. */
export function parseK6Version(text: string): string | null {
  return /^k6(?:\.exe)? (v\d+\.\d+\.\d+\S*)/.exec(text)?.[1] ?? null;
}

/** Throws ENGINE_UNAVAILABLE also for a k6 that is not of the second generation: its options differ. */
export async function k6Version(path: string): Promise<string> {
  let text: string;
  try {
    text = (await execa(path, ['version'], { timeout: 10_000 })).stdout;
  } catch (error: unknown) {
    const [line = ''] = messageOf(error).split('\n');
    throw new BenchError('ENGINE_UNAVAILABLE', `${path} does not run: ${line}`, { hint: howToGet, cause: error });
  }
  const version = parseK6Version(text);
  if (version?.startsWith('v2.') !== true) {
    throw new BenchError('ENGINE_UNAVAILABLE', `${path} is ${version ?? 'not k6'}, and k6 v2 is needed.`, {
      hint: howToGet,
    });
  }
  return version;
}
