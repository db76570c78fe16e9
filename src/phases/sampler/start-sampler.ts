import type { Clock } from '../../base/clock.ts';
import type { AgentAddress } from '../agent/link.ts';
import { startAgentSampler } from '../agent/sampler.ts';
import type { SamplingOrder, StartSampler } from './messages.ts';
import { startSamplerProcess } from './process.ts';

export interface SamplerPlace {
  /** The compiled entry of the child. */
  script: string;
  /** null: the target is sampled from this machine. */
  agent: AgentAddress | null;
  clock: Clock & { epochNs: bigint };
}

/** A child of ours, or the agent on the target's host: to whoever takes the samples they are the same. */
export function samplerStarter({ script, agent, clock }: SamplerPlace, order: SamplingOrder): StartSampler {
  return (handlers) =>
    agent === null
      ? startSamplerProcess(script, { ...order, epochNs: clock.epochNs }, handlers)
      : startAgentSampler({ agent, clock, order }, handlers);
}
