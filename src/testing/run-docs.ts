import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { benchArguments } from './docs/command-lines.ts';
import { filesOf, readPages } from './docs/pages.ts';
import { whyNotParsed } from './docs/parse-command.ts';
import { type DocumentedCommand, documentedCommands } from './docs/text-commands.ts';
import { exampleRun, filledIn, type Way, wayOf } from './docs/ways.ts';

/** Run by npm, so from the root of the repository. */
const root = resolve('.');
const commandLimitMs = 300_000;
const serverLimitMs = 60_000;
const serverPort = 8000;

/** A copy with all that a clone has, and what has been installed and built here. */
function openCopy(): string {
  const copy = mkdtempSync(join(tmpdir(), 'headroom-docs-'));
  const left = new Set(['.git', '.cache', 'node_modules', 'results', 'reports']);
  for (const name of readdirSync(root).filter((entry) => !left.has(entry))) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, 'sizes.csv'), `bytes\n${[120_000, 340_000, 560_000, 910_000, 2_400_000].join('\n')}\n`);
  for (const { name, text } of filesOf(readPages(root))) {
    writeFileSync(join(copy, name), text);
  }
  return copy;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => done(true)).once('error', () => done(false));
    socket.unref();
    socket.setTimeout(1000, () => done(false));
  });
}

interface Server {
  close(): void;
}

/** The reference server where the pages have a user's own; null: the port is taken. */
async function openServer(copy: string): Promise<Server | null> {
  if (await isListening(serverPort)) {
    return null;
  }
  const child = spawn('node', ['src/bench.js', 'serve', '--port', String(serverPort)], { cwd: copy, stdio: 'ignore' });
  const until = performance.now() + serverLimitMs;
  while (!(await isListening(serverPort)) && performance.now() < until && child.exitCode === null) {
    await new Promise((wake) => setTimeout(wake, 200));
  }
  return { close: () => child.kill('SIGTERM') };
}

/** `bench` itself, since the copy is not installed. */
function asRun(command: string, way: Way, copy: string): string {
  return filledIn(command, way).replace(/^(npx )?bench /, `node ${join(copy, 'src', 'bench.js')} `);
}

interface Outcome {
  isFailed: boolean;
  how: string;
  /** The column of the table at the end. */
  kind: 'run' | 'dry' | 'parsed' | 'failed';
}

async function runOne(command: string, way: Way, copy: string): Promise<Outcome> {
  const startMs = performance.now();
  const cwd = join(copy, way.folder ?? '.');
  mkdirSync(cwd, { recursive: true });
  const { exitCode, stderr, timedOut } = await execa('bash', ['-c', asRun(command, way, copy)], {
    cwd,
    reject: false,
    timeout: commandLimitMs,
    stdin: 'ignore',
    env: { NO_COLOR: '1' },
  });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  const isFailed = timedOut || exitCode === undefined || !(way.exits ?? [0]).includes(exitCode);
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const kind = isFailed ? 'failed' : filledIn(command, way).includes('--dry-run') ? 'dry' : 'run';
  const how = `${way.why}: exit ${exitCode ?? 'none'} after ${seconds} s${isFailed ? `: ${last}` : ''}`;
  return { isFailed, how, kind };
}

async function outcomeOf(command: string, copy: string, server: Server | null): Promise<Outcome> {
  const way = wayOf(command);
  if (way === null) {
    return { isFailed: true, how: 'no row of src/testing/docs/ways.ts says how it is run', kind: 'failed' };
  }
  const words = benchArguments(filledIn(command, way));
  const fault = words === null ? null : await whyNotParsed(words);
  if (fault !== null) {
    return { isFailed: true, how: fault, kind: 'failed' };
  }
  if (way.how === 'parse') {
    return { isFailed: false, how: `not run: ${way.why}`, kind: 'parsed' };
  }
  if (way.server === true && server === null) {
    return { isFailed: false, how: `not run: port ${serverPort} is taken here`, kind: 'parsed' };
  }
  return runOne(command, way, copy);
}

async function runAll(commands: readonly DocumentedCommand[], copy: string): Promise<number> {
  const server = await openServer(copy);
  const counts: Record<Outcome['kind'], number> = { run: 0, dry: 0, parsed: 0, failed: 0 };
  try {
    for (const { command, places } of commands) {
      const { isFailed, how, kind } = await outcomeOf(command, copy, server);
      counts[kind] += 1;
      process.stdout.write(`${isFailed ? 'FAIL' : 'ok  '} ${places.join(' ')}  ${command}\n       ${how}\n`);
    }
  } finally {
    server?.close();
  }
  const { run, dry, parsed, failed } = counts;
  process.stdout.write(`${run} run, ${dry} by --dry-run, ${parsed} parsed, ${failed} failed\n`);
  return failed;
}

if (!existsSync(join(root, 'dist', 'cli', 'main.js'))) {
  throw new Error('There is no build: run this by npm run test:docs.');
}
const copy = openCopy();
try {
  const args = ['run', 'smoke', '--target', 'reference', '--scale', '0.3', '--run-id', exampleRun, '--quiet'];
  await execa('node', ['src/bench.js', ...args], { cwd: copy, reject: false, timeout: commandLimitMs });
  const failures = await runAll(documentedCommands(readPages(root)), copy);
  process.exitCode = failures === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
