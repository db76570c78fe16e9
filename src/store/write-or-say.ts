import { BenchError, systemCodeOf } from '../base/errors.ts';
import { replaceFile } from '../base/replace-file.ts';

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'Free some space there, or give another folder with --out.',
  EDQUOT: 'Raise the quota, or give another folder with --out.',
  EFBIG: 'Raise the limit of file sizes (ulimit -f).',
  EROFS: 'Give a writable folder with --out.',
  EACCES: 'Give a writable folder with --out.',
  EPERM: 'Give a writable folder with --out.',
  EIO: 'The disk fails: give a folder on another one with --out.',
  EMFILE: 'Raise the limit of open files (ulimit -n), or ask for fewer requests at once.',
  ENFILE: 'This host has no descriptor left: end what holds them.',
};

/** NO_SPACE for what a user can mend; anything else comes back as it is. */
export function cannotWrite(path: string, error: unknown): Error {
  const code = systemCodeOf(error) ?? '';
  const hint = remedies[code];
  if (hint === undefined) {
    return error instanceof Error ? error : new Error(String(error));
  }
  return new BenchError('NO_SPACE', `${path} cannot be written: ${code}.`, { hint, cause: error });
}

export function writeOrSay<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error: unknown) {
    throw cannotWrite(path, error);
  }
}

export function replaceOrSay(path: string, text: string): void {
  writeOrSay(path, () => replaceFile(path, text));
}
