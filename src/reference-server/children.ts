import { fileURLToPath } from 'node:url';
import { execaNode } from 'execa';

/** A running child process, seen only through what its parent needs. */
export interface Child {
  pid: number | null;
  send(message: object): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Asks it to end; `force` leaves it no choice. */
  end(force?: 'force'): void;
  /** Resolves with the way it ended, never rejects. */
  exited: Promise<string>;
}

/** Sources run as .ts, the build as .js; a child is a sibling of the same kind. */
function siblingPath(name: string): string {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  return fileURLToPath(new URL(`./${name}${extension}`, import.meta.url));
}

/** Starts a sibling script; its output goes to our stderr, since our stdout carries one line only. */
export function startChild(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
  const subprocess = execaNode(siblingPath(name), [...args], {
    stdin: 'ignore',
    stdout: process.stderr,
    stderr: 'inherit',
    buffer: false,
    reject: false,
    env,
    nodeOptions: ['--max-old-space-size=128', '--max-semi-space-size=2'],
  });
  return {
    pid: subprocess.pid ?? null,
    send: (message) => {
      if (subprocess.connected) {
        // A child that dies between the check and the write is reported by its exit.
        subprocess.send(message, () => undefined);
      }
    },
    onMessage: (listener) => {
      subprocess.on('message', listener);
    },
    end: (force) => {
      subprocess.kill(force === 'force' ? 'SIGKILL' : 'SIGTERM');
    },
    exited: subprocess.then((result) => result.signal ?? `exit code ${result.exitCode ?? 'unknown'}`),
  };
}

/** Asks all to end, leaves them no choice after the grace, and resolves once none is left. */
export async function endChildren(children: readonly Child[], graceMs: number): Promise<void> {
  for (const child of children) {
    child.end();
  }
  const forced = setTimeout(() => {
    for (const child of children) {
      child.end('force');
    }
  }, graceMs);
  await Promise.all(children.map(({ exited }) => exited));
  clearTimeout(forced);
}
