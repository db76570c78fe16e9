import { statSync } from 'node:fs';
import { BenchError } from '../base/errors.ts';
import { readOptionFile } from './option-file.ts';
import type { Terminal } from './terminal.ts';

const readByGroupOrOthers = 0o044;

/** The token in a file, without the blanks around it. Throws USAGE for what no header can carry. */
export function readTokenFile(option: string, path: string): string {
  const token = readOptionFile(option, path).trim();
  if (/[^\x21-\x7e]/.test(token)) {
    throw new BenchError('USAGE', `${option} ${path} holds more than one word of visible ASCII characters.`, {
      hint: 'Make one with: head -c 24 /dev/urandom | base64',
    });
  }
  return token;
}

/** Warned of and not refused: a secret that Kubernetes mounts is such a file, and nobody else is in its container. */
export function warnOfOpenToken(path: string | undefined, terminal: Pick<Terminal, 'err'>): void {
  if (path !== undefined && (statSync(path).mode & readByGroupOrOthers) !== 0) {
    terminal.err(`${path} holds a token, and others on this machine may read it: chmod 600 ${path}`);
  }
}
