// Packs what npm would publish, installs it into an empty folder without optional and development packages,
// and runs it from a folder that knows nothing of the clone. Needs the registry, or npm's cache of it.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const mostMegabytes = 60;
const listed = 8;

const folder = mkdtempSync(join(tmpdir(), 'headroom-package-'));
const home = join(folder, 'home');
const elsewhere = join(folder, 'elsewhere');

function call(command, args, cwd) {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 300_000, maxBuffer: 64 * 2 ** 20 });
  return { status: done.status, stdout: done.stdout ?? '', stderr: done.error?.message ?? done.stderr ?? '' };
}

function must(what, { status, stdout, stderr }, accepted = [0]) {
  if (!accepted.includes(status)) {
    throw new Error(`${what} ended with ${status}:\n${stdout}${stderr}`);
  }
  return stdout;
}

function bytesBelow(path) {
  const entry = lstatSync(path);
  return entry.isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0)
    : entry.size;
}

/** Bytes by package; a nested package counts for the one that brings it. */
function bytesByPackage(modules) {
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  return names.map((name) => ({ name, bytes: bytesBelow(join(modules, name)) })).sort((a, b) => b.bytes - a.bytes);
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

function measure() {
  const packages = bytesByPackage(join(home, 'node_modules'));
  const total = packages.reduce((sum, { bytes }) => sum + bytes, 0);
  process.stdout.write(`installed: ${megabytes(total)} in ${packages.length} packages\n`);
  for (const { name, bytes } of packages.slice(0, listed)) {
    process.stdout.write(`  ${megabytes(bytes).padStart(8)}  ${name}\n`);
  }
  if (total > mostMegabytes * 1e6) {
    throw new Error(`The installed package takes ${megabytes(total)}, more than ${mostMegabytes} MB.`);
  }
}

/** A busy machine may make the run invalid (3), which says nothing of the package. */
function tryRun() {
  const bench = join(home, 'node_modules', '.bin', 'bench');
  must('bench list faults', call(bench, ['list', 'faults'], elsewhere));
  must('bench init', call(bench, ['init', '--target', 'reference', '--yes'], elsewhere));
  const said = must('bench run', call(bench, ['run', 'smoke', '--scale', '0.1'], elsewhere), [0, 3]);
  const [run] = readdirSync(join(elsewhere, 'results')).filter((name) =>
    existsSync(join(elsewhere, 'results', name, 'result.json')),
  );
  const result = JSON.parse(readFileSync(join(elsewhere, 'results', run, 'result.json'), 'utf8'));
  const pages = readdirSync(join(elsewhere, 'reports')).filter((name) => name.endsWith('.html'));
  if (result.requests.outcomes.ok === 0 || pages.length === 0) {
    throw new Error(`The run answered nothing or wrote no page:\n${said}`);
  }
  process.stdout.write(`run: ${said.split('\n')[0]}; ${result.requests.outcomes.ok} answered, ${pages[0]}\n`);
}

try {
  mkdirSync(home);
  mkdirSync(elsewhere);
  writeFileSync(join(home, 'package.json'), '{ "name": "home", "private": true }\n');
  must('npm pack', call('npm', ['pack', '--pack-destination', folder, '--loglevel=error'], root));
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  process.stdout.write(`packed: ${megabytes(bytesBelow(join(folder, tarball)))}, ${tarball}\n`);
  const flags = ['--omit=optional', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  must('npm install', call('npm', ['install', ...flags, join(folder, tarball)], home));
  measure();
  tryRun();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
