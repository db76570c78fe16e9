import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeServers, serve } from './http-probe.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const isBuilt = existsSync(join(root, 'dist', 'cli', 'commands', 'doctor-trial.js'));
const isLinux = process.platform === 'linux';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
});
afterEach(() => {
  closeServers();
  rmSync(folder, { recursive: true, force: true });
});

const doctor = (args: readonly string[], environment: Record<string, string> = {}) =>
  execa('node', [join(root, 'src', 'bench.js'), 'doctor', ...args], {
    cwd: folder,
    reject: false,
    env: { NO_COLOR: '1', ...environment },
  });

/** Every path but health is answered so, and the requests with a body are counted. */
async function serverOf(status: number, body: string) {
  let posts = 0;
  const url = await serve((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(request.url === '/health' ? 200 : 404).end();
      return;
    }
    posts += 1;
    request.resume().once('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(body));
  });
  return { url: url.origin, posts: () => posts };
}

interface Told {
  isFound: boolean;
  rows: readonly { group: string; what: string; state: string }[];
  trial?: { outcome: string; status: number; reply: string; remedy: string | null };
}

describe.skipIf(!isBuilt || !isLinux)('bench doctor (needs Linux and the build in dist/)', () => {
  it('sends nothing that loads a server unless it is asked to, and names the way', async () => {
    const server = await serverOf(200, '{"text":"hello"}');
    const { exitCode, stdout } = await doctor(['--target', server.url]);
    expect(exitCode).toBe(0);
    expect(server.posts()).toBe(0);
    expect(stdout.split('\n').at(-1)).toContain('--try');
  });

  it('sends one request with --try, and then names the run', async () => {
    const server = await serverOf(200, '{"text":"hello"}');
    const { exitCode, stdout } = await doctor(['--target', server.url, '--try']);
    expect(exitCode).toBe(0);
    expect(server.posts()).toBe(1);
    expect(stdout).toContain('{"text":"hello"}');
    expect(stdout.split('\n').at(-1)).toContain('bench run');
  });

  it('exits 5 where the answer is none, with the account in JSON and no key in it', async () => {
    const server = await serverOf(401, '{"error":"sk-1234567 is not known"}');
    const { exitCode, stdout, stderr } = await doctor(['--target', server.url, '--try', '--json'], {
      BENCH_HEADER: 'Authorization: Bearer sk-1234567',
    });
    expect(exitCode).toBe(5);
    const told = JSON.parse(stdout) as Told;
    expect(told.isFound).toBe(true);
    expect(told.trial).toMatchObject({ outcome: 'http_error', status: 401, reply: '{"error":"*** is not known"}' });
    expect(told.rows.filter(({ group }) => group === 'trial').map(({ what }) => what)).toContain('outcome');
    expect(`${stdout}${stderr}`).not.toContain('sk-1234567');
  });

  it('takes profile, adapter and header from bench.yaml, as the run does', async () => {
    const server = await serverOf(404, '');
    writeFileSync(join(folder, 'bench.yaml'), `profile: shape-storm\ntarget: ${server.url}\n`);
    const { exitCode, stdout } = await doctor(['--try']);
    expect(exitCode).toBe(5);
    expect(stdout).toContain('POST /predict');
  });

  it('looks at this host alone where bench.yaml names the reference server', async () => {
    writeFileSync(join(folder, 'bench.yaml'), 'target: reference\n');
    const { exitCode, stdout } = await doctor([]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('The reference server is started by bench run');
  });

  it('sends nothing to another machine that is not allowed by hand', async () => {
    const { exitCode, stderr } = await doctor(['--target', 'http://192.0.2.1:8000', '--try']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--allow-remote');
  });
});
