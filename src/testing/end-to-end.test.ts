import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../model/manifest.ts';
import type { RunResult } from '../model/result.ts';
import { requestColumns } from '../store/columns.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bench = join(root, 'src', 'bench.js');
const brief = join(root, 'src', 'testing', 'brief.yaml');
const isBuilt = existsSync(join(root, 'dist', 'cli', 'main.js'));
const isLinux = process.platform === 'linux';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-e2e-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function start(runId: string, target: string, more: readonly string[] = []) {
  const places = ['--out', scratch, '--reports', scratch, '--run-id', runId];
  return execa('node', [bench, 'run', brief, '--target', target, ...places, ...more], {
    reject: false,
    timeout: 55_000,
    env: { NO_COLOR: '1' },
  });
}

const result = (runId: string): RunResult =>
  JSON.parse(readFileSync(join(scratch, runId, 'result.json'), 'utf8')) as RunResult;
const manifest = (runId: string): Manifest =>
  JSON.parse(readFileSync(join(scratch, runId, 'manifest.json'), 'utf8')) as Manifest;
const table = (runId: string, name: string): string[] =>
  readFileSync(join(scratch, runId, name), 'utf8')
    .trimEnd()
    .split('\n');

async function openPlainServer(args: readonly string[]) {
  const server = execa('node', [join(root, 'src', 'testing', 'plain-server.js'), ...args], { reject: false });
  const port = await new Promise<string>((resolve) => {
    server.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
  });
  return { url: `http://127.0.0.1:${port}`, process: server };
}

/** Resolves at the first progress line that names the stage. */
function untilStage(run: ReturnType<typeof start>, stage: string): Promise<void> {
  return new Promise((resolve) => {
    let text = '';
    run.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(` ${stage} (`)) {
        resolve();
      }
    });
  });
}

// The runs share two cores with each other, so they go one after the other.
describe.skipIf(!isBuilt || !isLinux)('a run on loopback (needs Linux and the build in dist/)', () => {
  it('answers ok for the healthy reference server, with every row accounted for and a sealed folder', async () => {
    const { exitCode, stdout } = await start('healthy', 'reference');
    const found = result('healthy');
    expect({ verdict: found.verdict, runtimeErrors: found.runtimeErrors }).toEqual({
      verdict: 'ok',
      runtimeErrors: [],
    });
    // A busy machine may hold the generator up; that makes the run invalid, never failed.
    expect([0, 3]).toContain(exitCode);
    expect(stdout).toContain('report ');
    const sum = Object.values(found.requests.outcomes).reduce((all, count) => all + count, 0);
    expect(sum).toBe(found.requests.planned);
    expect(found.requests.checks['tokens']).toBe(found.requests.outcomes.ok);
    expect(found.memory.peakBytes).toBeGreaterThan(60 * 1024 ** 2);
    expect(manifest('healthy').status).toBe('completed');
    const verify = await execa('node', [bench, 'verify', 'healthy', '--out', scratch], { reject: false });
    expect(verify.stdout).toContain('seal and conservation hold');
    expect(readFileSync(join(scratch, 'healthy.html'), 'utf8')).toContain('virtual VRAM');
  });

  it('sends the same items in the same order in every run of one plan', async () => {
    await start('twin', 'reference');
    const order = (runId: string): string[] =>
      table(runId, 'requests.csv')
        .slice(1)
        .map((row) => row.split(','))
        .filter((fields) => fields[1] === 'steady' || fields[1] === 'again')
        .sort((a, b) => Number(a[0]) - Number(b[0]))
        .map((fields) => `${fields[0]} ${fields[2]} ${fields[requestColumns.indexOf('bytes_out')]}`);
    expect(result('twin').planHash).toBe(result('healthy').planHash);
    expect(order('twin')).toEqual(order('healthy'));
  });

  it('gives a valid account of a server that is not ours, and no false alarm for its constant text', async () => {
    const server = await openPlainServer([]);
    await start('plain', server.url);
    server.process.kill();
    await server.process;
    const found = result('plain');
    expect(found.verdict).toBe('ok');
    expect(found.requests.outcomes.ok).toBe(found.requests.planned);
    expect(found.requests.checks['consistency']).toBe(found.requests.planned);
    expect(found.target.observed).toContain('node#');
  });

  it('ends by itself when the target dies, and fails with the time of death', async () => {
    const server = await openPlainServer(['--die-after', '5']);
    const { exitCode } = await start('dies', server.url);
    await server.process;
    const found = result('dies');
    expect(found.verdict).toBe('fail');
    expect([1, 3]).toContain(exitCode);
    const death = found.findings.find((finding) => finding.detector === 'process-restart');
    expect(death?.verdict).toBe('fail');
    expect(death?.startedMs).toBeGreaterThan(1000);
    expect(existsSync(join(scratch, 'dies.html'))).toBe(true);
  });

  it('keeps the results and writes the page at Ctrl-C, exit 130', async () => {
    const run = start('interrupted', 'reference');
    await untilStage(run, 'warmup');
    run.kill('SIGINT');
    const { exitCode } = await run;
    expect(exitCode).toBe(130);
    expect(manifest('interrupted').status).toBe('aborted');
    expect(existsSync(join(scratch, 'interrupted.html'))).toBe(true);
    expect(table('interrupted', 'events.csv').some((row) => row.includes('signal'))).toBe(true);
  });

  it('leaves tables that can be read to the last second when the harness is killed, and recovers them', async () => {
    const run = start('killed', 'reference');
    await untilStage(run, 'steady');
    const { url } = manifest('killed').target;
    run.kill('SIGKILL');
    await run;
    expect(manifest('killed').status).toBe('running');
    const recover = await execa('node', [bench, 'recover', 'killed', '--out', scratch], { reject: false });
    expect(recover.stdout).toContain('status aborted');
    expect(result('killed').requests.planned).toBeGreaterThan(0);
    // The server that the harness had started must not outlive it.
    await expect
      .poll(
        () =>
          fetch(url).then(
            () => 'alive',
            () => 'gone',
          ),
        { timeout: 10_000, interval: 100 },
      )
      .toBe('gone');
  });
});

describe.skipIf(!isBuilt)('bad input (needs the build in dist/)', () => {
  it.each([
    [['run', 'smok', '--target', 'reference'], 2, 'Did you mean "smoke"?'],
    [['run', 'smoke', '--target', 'reference', '--corpus', 'stt-shrt'], 2, 'Did you mean "stt-short"?'],
    [['run', 'smoke', '--target', 'reference', '--guardd', '90%'], 2, '--guard'],
    [['run', 'smoke', '--target', 'reference', '--memory-limit', 'much'], 2, 'Write it like 704MiB'],
    [['run', 'smoke', '--target', 'http://192.0.2.1:80'], 2, '--allow-remote'],
    [['run', 'smoke', '--target', 'http://127.0.0.1:9'], 5, 'Nothing listens'],
    [['run', 'smoke', '--target', 'reference:ungated-pol'], 2, 'Did you mean "ungated-pool"?'],
    [['run', 'smoke', '--target', 'reference:ungated-pool+ram-gat'], 2, 'Did you mean "ram-gate"?'],
    [['run', 'smoke', '--target', 'reference', '--metrics', 'here'], 2, 'is not a URL'],
    [['run', 'smoke', '--target', 'reference', '--run-id', '../up'], 2, 'no folder name'],
    [['run', 'smoke', '--target', 'reference', '--only', 'overload'], 2, 'Add warmup to --only'],
    [['report', 'no-such-run'], 2, 'There is no run'],
  ])('bench %j exits %i in one line that says "%s"', async (args, exitCode, text) => {
    const run = await execa('node', [bench, ...args], { reject: false, env: { NO_COLOR: '1' } });
    expect(run.stderr).toContain(text);
    expect(run.stderr).not.toContain('    at ');
    expect(run.exitCode).toBe(exitCode);
  });
});
