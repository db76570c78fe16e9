import { lookup } from 'node:dns/promises';
import { BenchError } from '../../base/errors.ts';
import { startAgentServer } from '../../phases/agent/server.ts';
import { localHostView } from '../../phases/sampler/local-host-view.ts';
import { startSamplerProcess } from '../../phases/sampler/process.ts';
import { interfaceAddresses, localAddressesOf } from '../../targets/socket/locality.ts';
import { scripts } from '../library.ts';
import { readOptionFile } from '../option-file.ts';
import { catchSignals } from '../signals.ts';
import { openTerminal } from '../terminal.ts';
import { readTokenFile, warnOfOpenToken } from '../token-file.ts';

export interface AgentOptions {
  listen: string;
  tokenFile?: string;
  tlsCert?: string;
  tlsKey?: string;
}

function parseListen(text: string): { host: string; port: number } {
  const [, host, port] = /^(?:\[([^\]]+)\]|[^:[\]]+):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) {
    throw new BenchError('USAGE', `--listen "${text}" is not ADDRESS:PORT.`, {
      hint: 'Write it like 127.0.0.1:9477 or [::1]:9477.',
    });
  }
  return { host: host ?? text.slice(0, text.lastIndexOf(':')), port: Number(port) };
}

function readTls({ tlsCert, tlsKey }: AgentOptions): { cert: string; key: string } | null {
  if (tlsCert === undefined && tlsKey === undefined) {
    return null;
  }
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new BenchError('USAGE', '--tls-cert and --tls-key go together.', { hint: 'Name both files, in PEM form.' });
  }
  return { cert: readOptionFile('--tls-cert', tlsCert), key: readOptionFile('--tls-key', tlsKey) };
}

/**
 * A name that only a name server knows is replaced by the address that it has now:
 * the probes could be led elsewhere by an answer that changes later.
 */
async function ownUrl(url: URL): Promise<URL | null> {
  const own = interfaceAddresses();
  if (localAddressesOf(url, localHostView(), own) !== null) {
    return url;
  }
  try {
    const found = await lookup(url.hostname.replace(/^\[(.*)\]$/, '$1'), { all: true });
    const local = found.find(({ address }) => own.includes(address));
    if (local === undefined) {
      return null;
    }
    const literal = new URL(url);
    literal.hostname = local.family === 6 ? `[${local.address}]` : local.address;
    return literal;
  } catch {
    return null;
  }
}

/** In the foreground, until Ctrl-C; one JSON line on stdout says where it listens. */
export async function agentCommand(options: AgentOptions): Promise<number> {
  const terminal = openTerminal();
  const token = options.tokenFile === undefined ? null : readTokenFile('--token-file', options.tokenFile);
  warnOfOpenToken(options.tokenFile, terminal);
  const tls = readTls(options);
  const signals = catchSignals(() => terminal.err('stopping the agent'));
  try {
    const agent = await startAgentServer({
      ...parseListen(options.listen),
      token,
      tls,
      startSampler: (start, handlers) => startSamplerProcess(scripts.sampler, start, handlers),
      ownUrl,
    });
    if (tls === null && token !== null) {
      terminal.err('without --tls-cert and --tls-key the token and all samples travel in the clear');
    }
    terminal.out(JSON.stringify({ listening: { host: agent.host, port: agent.port }, pid: process.pid }));
    await new Promise<void>((resolve) => {
      signals.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await agent.close();
    return 0;
  } finally {
    signals.release();
  }
}
