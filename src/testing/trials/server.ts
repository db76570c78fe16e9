import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { type MemoryLimit, openMemoryLimit } from '../../phases/launch/memory-limit.ts';
import type { TrialProcess, TrialReply, TrialServer } from './trial.ts';

/** Run by npm, so from the root of the repository. */
const serverPath = resolve('dist', 'reference-server', 'main.js');
const replyLimitMs = 60_000;
const readyLimitMs = 60_000;

function fieldBytes(status: string, name: string): number {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  return kib === undefined ? 0 : Number(kib) * 1024;
}

/** null for a process that is gone or a zombie: neither holds memory. */
function processOf(pid: number): TrialProcess | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const text = (name: string): string => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? '';
    return text('State') === 'Z'
      ? null
      : {
          pid,
          name: text('Name'),
          parentPid: Number(text('PPid')),
          rssAnonBytes: fieldBytes(status, 'RssAnon'),
          rssShmemBytes: fieldBytes(status, 'RssShmem'),
          swapBytes: fieldBytes(status, 'VmSwap'),
          threads: Number(text('Threads')),
        };
  } catch {
    return null;
  }
}

function treeOf(root: number): TrialProcess[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processOf(Number(name)) ?? []);
  const found = all.filter(({ pid }) => pid === root);
  for (let index = 0; index < found.length; index += 1) {
    found.push(...all.filter(({ parentPid }) => parentPid === found[index]?.pid));
  }
  return found;
}

function send(
  url: URL,
  method: string,
  { type, body, timeoutMs }: { type?: string; body?: Uint8Array; timeoutMs: number },
): Promise<TrialReply> {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const end = (status: number | null, text: string): void =>
      resolve({ status, body: text, tookMs: performance.now() - startedMs });
    const headers = {
      connection: 'close',
      ...(type === undefined ? {} : { 'content-type': type, 'content-length': body?.length ?? 0 }),
    };
    const call = httpRequest(url, { method, headers, timeout: timeoutMs, signal: AbortSignal.timeout(timeoutMs) });
    call.on('error', () => end(null, ''));
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => end(null, ''));
      response.on('end', () => end(response.statusCode ?? null, Buffer.concat(chunks).toString('utf8')));
    });
    call.end(body);
  });
}

function metricIn(text: string, name: string): number | null {
  const values = text.split('\n').flatMap((line) => {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{.*\})? (\S+)$/.exec(line);
    return match?.[1] === name ? [Number(match[2])] : [];
  });
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}

function counterIn(path: string, word: string | null): number | null {
  try {
    const text = readFileSync(path, 'utf8');
    const found = word === null ? text.trim() : new RegExp(`^${word} (\\d+)`, 'm').exec(text)?.[1];
    return found === undefined ? null : Number(found);
  } catch {
    return null;
  }
}

function serverOver(url: URL, pid: number, timeScale: number, limit: MemoryLimit | null): TrialServer {
  const group = limit?.group ?? null;
  const inGroup = (one: string, two: string, word: string | null): number | null =>
    group === null ? null : counterIn(join(group.folder, group.version === 1 ? one : two), word);
  const get = (path: string, timeoutMs = replyLimitMs): Promise<TrialReply> =>
    send(new URL(path, url), 'GET', { timeoutMs });
  return {
    url,
    pid,
    timeScale,
    get,
    post: (path, type, body, timeoutMs = replyLimitMs) => send(new URL(path, url), 'POST', { type, body, timeoutMs }),
    metric: async (name) => metricIn((await get('/metrics')).body, name),
    processes: () => treeOf(pid),
    anonBytes: () => treeOf(pid).reduce((sum, one) => sum + one.rssAnonBytes + one.swapBytes, 0),
    kills: () => inGroup('memory.oom_control', 'memory.events', 'oom_kill'),
    peakBytes: () => inGroup('memory.max_usage_in_bytes', 'memory.peak', null),
  };
}

async function untilReady(server: TrialServer, hasConnectionLimit: boolean): Promise<void> {
  const endMs = performance.now() + readyLimitMs;
  const isUp = (status: number | null): boolean => status === 200 || (hasConnectionLimit && status === 503);
  while (!isUp((await server.get('/health', 2000)).status)) {
    if (performance.now() > endMs) {
      throw new Error('the server was not ready within 60 s');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const isBuilt = existsSync(serverPath);

/** Starts the built server with these arguments, held under the limit, and ends it and its group after `use`. */
export async function withTrialServer<T>(
  args: readonly string[],
  limitBytes: number | null,
  use: (server: TrialServer) => Promise<T>,
): Promise<T> {
  const limit = limitBytes === null ? null : await openMemoryLimit(limitBytes, `headroom-trial-${process.pid}`);
  const command = [serverPath, '--port', '0', '--end-with-parent', ...args];
  const wrapped = limit?.wrap(process.execPath, command) ?? { command: process.execPath, args: command };
  const subprocess = execa(wrapped.command, [...wrapped.args], {
    reject: false,
    buffer: false,
    stdin: 'pipe',
    stderr: 'ignore',
    forceKillAfterDelay: 3000,
  });
  try {
    const lines = createInterface({ input: subprocess.stdout });
    const first = await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      void subprocess.then(({ exitCode, signal }) =>
        reject(new Error(`the server ended before it listened: ${signal ?? `exit code ${exitCode}`}`)),
      );
    });
    const line = JSON.parse(first) as {
      listening: { host: string; port: number };
      pid: number;
      hasConnectionLimit: boolean;
    };
    const scale = Number(args[args.indexOf('--time-scale') + 1]);
    const url = new URL(`http://${line.listening.host}:${line.listening.port}`);
    const server = serverOver(url, line.pid, args.includes('--time-scale') ? scale : 1, limit);
    await untilReady(server, line.hasConnectionLimit);
    return await use(server);
  } finally {
    await endTree(subprocess);
    await limit?.release();
  }
}

/** A front that spins hears no SIGTERM, so what is left after three seconds is killed, children included. */
async function endTree(
  subprocess: PromiseLike<unknown> & { pid?: number | undefined; kill(signal: 'SIGTERM'): boolean },
): Promise<void> {
  const pids = subprocess.pid === undefined ? [] : treeOf(subprocess.pid).map(({ pid }) => pid);
  subprocess.kill('SIGTERM');
  await subprocess;
  for (const pid of pids) {
    if (processOf(pid) !== null) {
      process.kill(pid, 'SIGKILL');
    }
  }
}
