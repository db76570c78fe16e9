import type { Command } from 'commander';
import { BenchError } from '../base/errors.ts';
import type { Observe } from '../model/target.ts';
import type { AgentAddress } from '../phases/agent/link.ts';
import { readOptionFile } from './option-file.ts';
import { address, collect, urlPath, wholeNumber } from './option-values.ts';
import { readTokenFile } from './token-file.ts';

/** Which memory is observed, and where the target says how it is; shared by all commands that sample. */
export interface ObserveOptions {
  health: string;
  ready?: string;
  metrics?: URL;
  pid?: number;
  cgroup?: string;
  unit?: string;
  container?: string;
  prometheus?: URL;
  selector?: string;
  agent?: URL;
  agentTokenFile?: string;
  agentCa?: string;
  probe: readonly string[];
}

export function addObserveOptions(command: Command): Command {
  return command
    .option('--health <path>', 'path of the health endpoint', urlPath, '/health')
    .option('--ready <path>', 'path of a readiness endpoint, asked beside health', urlPath)
    .option('--metrics <url>', "the target's Prometheus page; default: /metrics of the target", address)
    .option('--pid <n>', 'observe this process and all below it; default: who listens on the port', wholeNumber)
    .option('--cgroup <path>', 'observe this cgroup: a path below /sys/fs/cgroup')
    .option('--unit <name>', 'observe this systemd unit')
    .option('--container <name>', 'observe this container, by name or id')
    .option('--prometheus <url>', 'take memory from this Prometheus after the run', address)
    .option('--selector <labels>', 'which series of --prometheus, such as \'pod="stt-0",container="server"\'')
    .option('--agent <url>', 'sample on the host of this bench agent, which is that of the target', address)
    .option('--agent-token-file <file>', 'what that agent wants to be shown')
    .option('--agent-ca <file>', 'authority of its certificate, PEM')
    .option('--no-probe <id>', 'leaves a probe out; may be repeated', collect, []);
}

/** Throws USAGE if more than one way is named, or a selector stands alone. */
export function parseObserve(options: Omit<ObserveOptions, 'health' | 'probe'>): Observe {
  const { pid, cgroup, unit, container, prometheus, selector } = options;
  const ways: Observe[] = [
    ...(pid === undefined ? [] : [{ by: 'pid' as const, pid }]),
    ...(cgroup === undefined ? [] : [{ by: 'cgroup' as const, path: cgroup }]),
    ...(unit === undefined ? [] : [{ by: 'unit' as const, unit }]),
    ...(container === undefined ? [] : [{ by: 'container' as const, container }]),
    ...(prometheus === undefined
      ? []
      : [{ by: 'prometheus' as const, url: prometheus.href, selector: selector ?? '' }]),
  ];
  if (ways.length > 1) {
    throw new BenchError('USAGE', `--${ways.map(({ by }) => by).join(' and --')} name two targets.`, {
      hint: 'Name one way to find the memory.',
    });
  }
  if ((selector === undefined) !== (prometheus === undefined)) {
    throw new BenchError('USAGE', '--prometheus and --selector go together.', {
      hint: `For example --prometheus http://127.0.0.1:9090 --selector 'pod="stt-0"'.`,
    });
  }
  return ways[0] ?? { by: 'listening-socket' };
}

/** null: the target is sampled from this machine. Throws USAGE if what goes with an agent stands alone. */
export function parseAgent(
  options: Pick<ObserveOptions, 'agent' | 'agentTokenFile' | 'agentCa' | 'prometheus'>,
): AgentAddress | null {
  const { agent, agentTokenFile, agentCa, prometheus } = options;
  if (agent === undefined) {
    const alone = agentTokenFile !== undefined ? '--agent-token-file' : agentCa !== undefined ? '--agent-ca' : null;
    if (alone !== null) {
      throw new BenchError('USAGE', `${alone} goes with --agent.`, {
        hint: 'For example --agent http://gpu-box:9477.',
      });
    }
    return null;
  }
  if (agent.protocol !== 'http:' && agent.protocol !== 'https:') {
    throw new BenchError('USAGE', `--agent ${agent.href} is not an http URL.`, {
      hint: 'For example --agent http://gpu-box:9477.',
    });
  }
  if (prometheus !== undefined) {
    throw new BenchError('USAGE', '--agent and --prometheus name two sources of memory.', {
      hint: 'Name one way to find the memory.',
    });
  }
  return {
    url: agent,
    token: agentTokenFile === undefined ? null : readTokenFile('--agent-token-file', agentTokenFile),
    ca: agentCa === undefined ? null : readOptionFile('--agent-ca', agentCa),
  };
}
