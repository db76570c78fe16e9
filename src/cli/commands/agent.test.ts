import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAgent } from '../observe-options.ts';
import { type AgentOptions, agentCommand } from './agent.ts';

const folder = mkdtempSync(join(tmpdir(), 'headroom-agent-'));
const text = join(folder, 'token');
writeFileSync(text, 'a-token-of-24-characters\n');
afterAll(() => rmSync(folder, { recursive: true }));

const message = (pattern: RegExp): object => ({ code: 'USAGE', message: expect.stringMatching(pattern) as string });

describe('bench agent', () => {
  it.each<[AgentOptions, RegExp, string]>([
    [{ listen: '9477' }, /not ADDRESS:PORT/, 'a port alone'],
    [{ listen: '127.0.0.1:99999' }, /not ADDRESS:PORT/, 'no port'],
    [{ listen: '::1:9477' }, /not ADDRESS:PORT/, 'an IPv6 address stands in brackets'],
    [{ listen: 'gpu-box:9477' }, /not an address/, 'a name may lead anywhere'],
    [{ listen: '0.0.0.0:9477' }, /without a token/, 'anybody could use it'],
    [{ listen: '[::]:9477' }, /without a token/, 'the same'],
    [
      { listen: '127.0.0.1:9477', tokenFile: '/nowhere/token' },
      /--token-file \/nowhere\/token cannot be read/,
      'no file',
    ],
    [{ listen: '127.0.0.1:9477', tlsCert: text }, /go together/, 'a certificate without its key'],
    [{ listen: '127.0.0.1:0', tlsCert: text, tlsKey: text }, /cannot be used/, 'no certificate'],
  ])('refuses %o: %s', async (options, why) => {
    await expect(agentCommand(options)).rejects.toMatchObject(message(why));
  });
});

describe('--agent', () => {
  const agent = new URL('https://gpu-box:9477');

  it('comes with the content of its files', () => {
    expect(parseAgent({ agent, agentTokenFile: text, agentCa: text })).toEqual({
      url: agent,
      token: 'a-token-of-24-characters',
      ca: 'a-token-of-24-characters\n',
    });
    expect(parseAgent({ agent })).toEqual({ url: agent, token: null, ca: null });
    expect(parseAgent({})).toBeNull();
  });

  it.each<[Parameters<typeof parseAgent>[0], RegExp, string]>([
    [{ agentTokenFile: text }, /--agent-token-file goes with --agent/, 'a token for nobody'],
    [{ agentCa: text }, /--agent-ca goes with --agent/, 'the same'],
    [{ agent: new URL('ssh://gpu-box') }, /not an http URL/, 'another protocol'],
    [{ agent, agentTokenFile: '/nowhere/token' }, /cannot be read/, 'no file'],
    [{ agent, prometheus: new URL('http://p') }, /two sources/, 'memory would come from both'],
  ])('refuses %o: %s', (options, why) => {
    expect(() => parseAgent(options)).toThrow(why);
  });
});
