import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { monotonicClock } from '../../base/clock.ts';
import { BenchError } from '../../base/errors.ts';
import { type FakeAgent, heard, order, startFakeAgent, until } from '../../testing/fake-agent.ts';
import { startAgentSampler } from './sampler.ts';
import { type AgentServerOptions, startAgentServer } from './server.ts';

const token = 'a-token-of-24-characters';
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

async function start(over: Partial<AgentServerOptions> = {}): Promise<FakeAgent> {
  const agent = await startFakeAgent(over);
  closing.push(() => agent.server.close());
  return agent;
}

interface Answer {
  status: number;
  message: string;
  session: string;
}

async function post(agent: FakeAgent, path: string, body: unknown, headers: Record<string, string> = {}) {
  const reply = await fetch(new URL(path, agent.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const read = (await reply.json()) as { session?: string; error?: { message: string } };
  return { status: reply.status, message: read.error?.message ?? '', session: read.session ?? '' } satisfies Answer;
}

const withObserve = (observe: unknown): unknown => ({ ...order, observe });
const withAddress = (over: object): unknown => ({ ...order, address: { ...order.address, ...over } });

describe('an order to an agent', () => {
  it('starts a sampler on a clock of the agent, and all that follows reaches it', async () => {
    const agent = await start();
    const { status, session } = await post(agent, '/v1/sessions', order);
    expect(status).toBe(201);
    expect(agent.samplers[0]?.start).toMatchObject(order);
    const tick = { stage: 'load', kind: 'load', quiesced: false };
    expect((await post(agent, `/v1/sessions/${session}/tick`, tick)).status).toBe(200);
    expect((await post(agent, `/v1/sessions/${session}/interval`, { intervalMs: 100 })).status).toBe(200);
    expect(agent.samplers[0]).toMatchObject({ ticks: [tick], intervalsMs: [100] });
    expect((await post(agent, `/v1/sessions/${session}/stop`, {})).status).toBe(200);
    expect((await post(agent, `/v1/sessions/${session}/stop`, {})).status).toBe(200);
    await fetch(new URL(`/v1/sessions/${session}`, agent.url), { method: 'DELETE' });
    expect((await post(agent, `/v1/sessions/${session}/stop`, {})).status).toBe(404);
  });

  it.each([
    ['{', /is not JSON/, 'half a text'],
    [{ ...order, shell: 'rm' }, /unknown key "shell"/, 'an unknown key'],
    [{ ...order, epochNs: '1' }, /unknown key "epochNs"/, 'the agent has its own clock'],
    [{ ...order, intervalMs: 1 }, /^intervalMs/, 'faster than a sampler may be'],
    [{ ...order, skipProbes: ['../x'] }, /^skipProbes\.0/, 'no name of a probe'],
    [withObserve({ by: 'prometheus', url: 'http://127.0.0.1', selector: '' }), /^observe/, 'needs no agent'],
    [withObserve({ by: 'pid', pid: -1 }), /^observe\.pid/, 'would be a process group'],
    [withObserve({ by: 'cgroup', path: '/a/../../etc' }), /leads out/, 'leads out of the cgroup file system'],
    [withObserve({ by: 'unit', unit: '--help' }), /no name of a systemd unit/, 'would be an option'],
    [withObserve({ by: 'unit', unit: 'a;b' }), /no name of a systemd unit/, 'would be two commands'],
    [withObserve({ by: 'container', container: '-v' }), /no name of a container/, 'would be an option'],
    [withAddress({ url: 'http://192.0.2.1/' }), /192\.0\.2\.1 is not this machine/, 'an agent scans nobody'],
    [withAddress({ metricsUrl: 'http://192.0.2.1/metrics' }), /address\.metricsUrl: .* not this machine/, 'nor so'],
    [withAddress({ url: 'file:///etc/passwd' }), /not an http URL/, 'a file'],
    [withAddress({ healthPath: 'x' }), /not a path/, 'not below the server'],
    [withAddress({ healthPath: '/\r\nX: y' }), /control character/, 'would be a header'],
    [withAddress({ deviceMonitor: '/run/x.sock' }), /deviceMonitor/, 'a path of the agent’s file system'],
  ])('is refused in one line if it is %j', async (body, why) => {
    const agent = await start();
    const answer = await post(agent, '/v1/sessions', body);
    expect(answer.status).toBe(400);
    expect(answer.message).toMatch(why);
    expect(answer.message).not.toContain('\n');
    expect(agent.samplers).toEqual([]);
  });

  it.each([
    ['tick', { stage: 'x', kind: 'rest', quiesced: true }, /^kind/],
    ['tick', { stage: 'x', kind: 'load' }, /^quiesced/],
    ['interval', { intervalMs: 0 }, /^intervalMs/],
  ])('is followed by no %s of %o', async (action, body, why) => {
    const agent = await start();
    const { session } = await post(agent, '/v1/sessions', order);
    const answer = await post(agent, `/v1/sessions/${session}/${action}`, body);
    expect(answer.status).toBe(400);
    expect(answer.message).toMatch(why);
  });

  it('comes back with the reason where the sampler could not start', async () => {
    const agent = await start({
      startSampler: () =>
        Promise.reject(new BenchError('TARGET_UNREACHABLE', 'Nothing listens on 8000.', { hint: 'Start it.' })),
    });
    const address = { url: agent.url, token: null, ca: null };
    await expect(startAgentSampler({ agent: address, clock: monotonicClock(), order }, heard())).rejects.toMatchObject({
      code: 'TARGET_UNREACHABLE',
      exitCode: 5,
      hint: 'Start it.',
    });
  });
});

describe('the bounds of an agent', () => {
  it('are four sessions, of which a stopped one makes room', async () => {
    const agent = await start();
    const sessions: string[] = [];
    for (let index = 0; index < 4; index += 1) {
      sessions.push((await post(agent, '/v1/sessions', order)).session);
    }
    expect(await post(agent, '/v1/sessions', order)).toMatchObject({ status: 503, message: /4 sessions/ });
    await post(agent, `/v1/sessions/${sessions[2]}/stop`, {});
    expect((await post(agent, '/v1/sessions', order)).status).toBe(201);
  });

  it('end a session whose client is silent, and its sampler with it', async () => {
    const agent = await start({ idleMs: 60 });
    await post(agent, '/v1/sessions', order);
    await until(() => agent.samplers[0]?.isStopped === true);
    expect(await (await fetch(new URL('/v1/health', agent.url))).json()).toMatchObject({ sessions: 0 });
  });

  it('end all samplers when it ends', async () => {
    const agent = await startFakeAgent();
    await post(agent, '/v1/sessions', order);
    await agent.server.close();
    expect(agent.samplers[0]?.isStopped).toBe(true);
  });

  it.each<[string, string, Record<string, string>, string, number, string]>([
    ['GET', '/', {}, '', 404, 'no page'],
    ['PUT', '/v1/sessions', {}, '', 405, 'no such method'],
    ['DELETE', '/v1/health', {}, '', 405, 'nor here'],
    ['GET', '/v1/sessions/none/stream', {}, '', 404, 'no such session'],
    ['POST', '/v1/sessions/none/tick', { 'content-type': 'application/json' }, '{}', 404, 'no such session'],
    ['POST', '/v1/sessions', { 'content-type': 'text/plain' }, '{}', 415, 'what a foreign page may send unasked'],
    ['POST', '/v1/sessions', { 'content-type': 'application/json' }, 'x'.repeat(70_000), 413, 'too large'],
  ])('%s %s %o is answered with its status: %#', async (method, path, headers, body, status) => {
    const agent = await start();
    const reply = await fetch(new URL(path, agent.url), { method, headers, ...(body === '' ? {} : { body }) });
    expect(reply.status).toBe(status);
  });

  it('refuse a name that a foreign page gave this machine', async () => {
    const agent = await start();
    const socket = connect(agent.server.port, '127.0.0.1');
    socket.write('GET /v1/health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    let text = '';
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      text += chunk.toString();
    }
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
  });
});

describe('an agent that others can reach', () => {
  it.each<[string, string | null, RegExp, string]>([
    ['0.0.0.0', null, /without a token/, 'anybody could use it'],
    ['::', null, /without a token/, 'the same'],
    ['192.0.2.1', null, /without a token/, 'not loopback'],
    ['0.0.0.0', 'short', /5 characters/, 'it can be guessed'],
    ['gpu-box', token, /not an address/, 'who knows where that leads'],
  ])('does not start on %s with token %s: %s', async (host, given, why) => {
    const options = { host, port: 0, token: given, tls: null };
    const never = { startSampler: () => Promise.reject(new Error()), ownUrl: () => Promise.resolve(null) };
    await expect(startAgentServer({ ...options, ...never })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(why) as string,
    });
  });

  it.each<[string | undefined, string]>([
    [undefined, 'none'],
    ['Bearer ', 'an empty one'],
    [`Bearer ${token}x`, 'a longer one'],
    [`Bearer ${token.slice(1)}`, 'a shorter one'],
    [`Basic ${token}`, 'another scheme'],
  ])('answers 401 to %s: %s', async (authorization) => {
    const agent = await start({ token });
    for (const path of ['/v1/health', '/v1/clock', '/v1/sessions/x/stream', '/nowhere']) {
      const headers = authorization === undefined ? {} : { authorization };
      expect((await fetch(new URL(path, agent.url), { headers })).status).toBe(401);
    }
    expect(agent.samplers).toEqual([]);
  });

  it.each([
    ['wrong-token-of-24-letters', 'AGENT_REFUSED', 2],
    [null, 'AGENT_REFUSED', 2],
  ])('refuses a client with token %s as a mistake of its user', async (given, code, exitCode) => {
    const agent = await start({ token });
    const address = { url: agent.url, token: given, ca: null };
    await expect(startAgentSampler({ agent: address, clock: monotonicClock(), order }, heard())).rejects.toMatchObject({
      code,
      exitCode,
    });
  });

  it('that is not there is something outside that is missing', async () => {
    const agent = await startFakeAgent();
    await agent.server.close();
    const address = { url: agent.url, token: null, ca: null };
    await expect(startAgentSampler({ agent: address, clock: monotonicClock(), order }, heard())).rejects.toMatchObject({
      code: 'AGENT_UNREACHABLE',
      exitCode: 5,
      message: `No agent answers at ${agent.url.origin}: ECONNREFUSED.`,
    });
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!hasOpenssl)('an agent over TLS (needs openssl for a certificate)', () => {
  function certificate(): { cert: string; key: string } {
    const folder = mkdtempSync(join(tmpdir(), 'headroom-agent-'));
    closing.push(() => rmSync(folder, { recursive: true }));
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
    const names = ['-subj', '/CN=agent', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', ['req', ...kind, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  }

  it('is followed by who names its authority, and by nobody else', async () => {
    const tls = certificate();
    const agent = await start({ tls, token });
    const said = heard();
    const address = { url: agent.url, token, ca: tls.cert };
    const sampler = await startAgentSampler({ agent: address, clock: monotonicClock(), order }, said);
    agent.samplers[0]?.sample();
    await until(() => said.batches.length === 1);
    expect(await sampler.stop()).toMatchObject({ expectedSamples: 1 });
    const stranger = { ...address, ca: null };
    const refused = startAgentSampler({ agent: stranger, clock: monotonicClock(), order }, heard());
    await expect(refused).rejects.toMatchObject({
      code: 'AGENT_UNREACHABLE',
      hint: expect.stringContaining('--agent-ca') as string,
    });
  });

  it('does not start with a key of another certificate', async () => {
    const tls = { cert: certificate().cert, key: certificate().key };
    await expect(startFakeAgent({ tls })).rejects.toMatchObject({ code: 'USAGE' });
  });
});
