import { execa } from 'execa';
import { RequestError } from '../../upload.ts';
import type { Language } from './execute-request.ts';

const mebibyte = 1024 ** 2;
const lookLimitMs = 10_000;

/** How a program of one language is started; it reads the code from its stdin. */
export interface Interpreter {
  argv: readonly string[];
  /** What the bare interpreter counts against RLIMIT_DATA before any program asks for memory. */
  ownBytes: number;
}

/** What this host can run. Looked for at the first program: a server that runs none need not wait for it. */
export interface Runtimes {
  /** Throws `RequestError` 501 for a language that cannot be run here. */
  interpreter(language: Language): Promise<Interpreter>;
}

async function outputOf(argv: readonly string[]): Promise<string | null> {
  const [command = '', ...args] = argv;
  const { stdout, failed } = await execa(command, args, { reject: false, stdin: 'ignore', timeout: lookLimitMs });
  return failed ? null : stdout.trim();
}

/** The interpreter itself and not a script that looks for it, which would run before each program. */
async function findPython(): Promise<string | null> {
  const path = await outputOf(['python3', '-I', '-c', 'import sys; print(sys.executable)']);
  return path === '' ? null : path;
}

const tieWords = ['setpriv', '--pdeathsig', 'KILL', '--'];

/** Words before a command that tie its life to ours; none where the host has no such tool. */
async function findTie(): Promise<readonly string[]> {
  return (await outputOf([...tieWords, 'true'])) === null ? [] : tieWords;
}

/** Node reserves much that it never touches, and each version another amount (48 to 560 MB). */
async function nodeOwnBytes(): Promise<number> {
  const status = await outputOf([process.execPath, '-p', 'require("fs").readFileSync("/proc/self/status", "utf8")']);
  const kib = /^VmData:\s+(\d+) kB/m.exec(status ?? '')?.[1];
  if (kib === undefined) {
    throw new RequestError(501, 'no_javascript', 'JavaScript cannot be run here: Node tells nothing of its memory.');
  }
  // What its threads allocate later, when the first program text is compiled.
  return Number(kib) * 1024 + 64 * mebibyte;
}

export function createRuntimes(): Runtimes {
  let tie: Promise<readonly string[]> | null = null;
  let python: Promise<string | null> | null = null;
  let node: Promise<number> | null = null;
  return {
    async interpreter(language) {
      tie ??= findTie();
      if (language === 'javascript') {
        node ??= nodeOwnBytes();
        return { argv: [...(await tie), process.execPath, '-'], ownBytes: await node };
      }
      python ??= findPython();
      const path = await python;
      if (path === null) {
        throw new RequestError(
          501,
          'no_python',
          'There is no python3 on this machine. Send JavaScript with "language": "javascript".',
        );
      }
      return { argv: [...(await tie), path, '-I', '-X', 'utf8', '-'], ownBytes: 0 };
    },
  };
}
