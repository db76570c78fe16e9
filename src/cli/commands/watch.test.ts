import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../model/result.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const bench = join(root, 'src', 'bench.js');
const isBuilt = existsSync(join(root, 'dist', 'cli', 'commands', 'watch.js'));
const isLinux = process.platform === 'linux';
const k6 = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'k6'))
  .find((path) => existsSync(path));

let scratch: string;
let server: Awaited<ReturnType<typeof openServer>>;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-watch-e2e-'));
  server = await openServer();
});
afterAll(async () => {
  server.process.kill();
  await server.process;
  rmSync(scratch, { recursive: true, force: true });
});

async function openServer() {
  const process = execa('node', [join(root, 'src', 'testing', 'plain-server.js')], { reject: false });
  const port = await new Promise<string>((resolve) => {
    process.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
  });
  return { url: `http://127.0.0.1:${port}`, process };
}

function start(runId: string, more: readonly string[], command: readonly string[]) {
  const places = ['--out', scratch, '--reports', scratch, '--run-id', runId];
  const rests = ['--before', '500ms', '--after', '500ms', '--interval', '250ms'];
  return execa('node', [bench, 'watch', ...places, ...rests, ...more, '--', ...command], {
    reject: false,
    timeout: 40_000,
    env: { NO_COLOR: '1' },
    input: 'what stdin brings',
  });
}

const result = (runId: string): RunResult =>
  JSON.parse(readFileSync(join(scratch, runId, 'result.json'), 'utf8')) as RunResult;

describe.skipIf(!isBuilt || !isLinux)('bench watch (needs Linux and the build in dist/)', () => {
  it('passes stdin, stdout, stderr and the exit code of the command through', async () => {
    const script = 'process.stdin.pipe(process.stdout); console.error("its own"); process.exitCode = 9';
    const { stdout, stderr, exitCode } = await start('through', ['--target', server.url], ['node', '-e', script]);
    expect(stdout).toBe('what stdin brings');
    expect(stderr).toContain('its own');
    expect(stderr).toContain('verdict ');
    expect(exitCode).toBe(9);
  });

  it('claims nothing of requests that nobody recorded', async () => {
    const { exitCode } = await start('unrecorded', ['--target', server.url], ['node', '-e', '']);
    const found = result('unrecorded');
    expect(exitCode).toBe(0);
    expect(found.validity).toEqual({ state: 'valid', reasons: [], codes: [] });
    const ofRequests = found.findings.filter(({ detector }) =>
      ['masked-failure', 'process-restart'].includes(detector),
    );
    expect(ofRequests.map(({ verdict }) => verdict)).toEqual(['not-applicable', 'not-applicable']);
    expect(Object.keys(found.series)).toContain('footprint');
    expect(Object.keys(found.series)).not.toContain('inFlight');
    expect(found.stages.map(({ name, kind, offeredPerSecond }) => [name, kind, offeredPerSecond])).toEqual([
      ['before', 'idle', null],
      ['load', 'load', null],
      ['after', 'idle', null],
    ]);
    expect(found.engine.id).toBe('watch');
    expect(found.notObserved).toContainEqual({ what: 'requests', why: 'no request data was named with --records' });
    const verify = await execa('node', [bench, 'verify', 'unrecorded', '--out', scratch], { reject: false });
    expect(verify.stdout).toContain('seal and conservation hold');
    expect(existsSync(join(scratch, 'unrecorded.html'))).toBe(true);
  });

  it('keeps the run when the request data is of no known format, and calls it invalid', async () => {
    const file = join(scratch, 'other.csv');
    writeFileSync(file, 'time,value\n');
    const { stderr, exitCode } = await start('other', ['--target', server.url, '--records', file], ['node', '-e', '']);
    expect(stderr).toContain('is of no format that is known here. Name its format with --format, one of: k6-json');
    expect(exitCode).toBe(3);
    expect(result('other').requests.planned).toBe(0);
    expect(result('other').validity.reasons.join()).toContain(file);
  });

  it('ends the command at a signal, seals the run and leaves with its exit code', async () => {
    const run = start(
      'interrupted',
      ['--target', server.url],
      ['node', '-e', 'process.on("SIGINT", () => process.exit(5)); console.log("up"); setInterval(() => {}, 50)'],
    );
    run.stdout.once('data', () => run.kill('SIGINT'));
    const { exitCode } = await run;
    expect(exitCode).toBe(5);
    expect(result('interrupted').status).toBe('aborted');
  });

  it.skipIf(k6 === undefined)('takes the requests of a run of k6 (needs k6 on PATH)', async () => {
    const records = join(scratch, 'k6.json');
    const script = join(scratch, 'script.js');
    writeFileSync(
      script,
      `import http from 'k6/http';
       export const options = { vus: 2, iterations: 20 };
       export default function () { http.get('${server.url}/health'); }`,
    );
    const { exitCode } = await start(
      'k6',
      ['--target', server.url, '--records', records],
      [k6 ?? '', ...['run', '--no-usage-report', '--quiet', '--out', `json=${records}`, script]],
    );
    const found = result('k6');
    expect([0, 1]).toContain(exitCode);
    expect(found.requests.planned).toBe(20);
    expect(found.validity.state).toBe('valid');
    expect(found.stages[1]?.offeredPerSecond).toBeGreaterThan(0);
  });
});

describe.skipIf(!isBuilt)('bench watch refuses (needs the build in dist/)', () => {
  it.each([
    [['--', 'true'], 2, 'Name it: --target URL, --pid'],
    [['--target', 'http://127.0.0.1:9'], 2, 'needs a command'],
    [['--target', 'reference', '--', 'true'], 2, 'bench serve'],
    [['--target', 'http://127.0.0.1:9', '--', 'no-such-command'], 5, 'There is no command "no-such-command"'],
    [['--target', 'http://127.0.0.1:9', '--', 'true'], 5, 'Nothing listens'],
    [['--target', 'http://127.0.0.1:9', '--records', 'f', '--format', 'k6', '--', 'true'], 2, 'Did you mean "k6-json"'],
  ])('bench watch %j exits %i in one line that says "%s"', async (args, exitCode, text) => {
    const run = await execa('node', [bench, 'watch', '--out', scratch, ...args], {
      reject: false,
      env: { NO_COLOR: '1' },
    });
    expect(run.stderr).toContain(text);
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
    expect(run.exitCode).toBe(exitCode);
  });
});
