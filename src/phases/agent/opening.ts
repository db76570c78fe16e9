import { z } from 'zod';
import { BenchError, isErrorCode } from '../../base/errors.ts';
import type { SamplerView, SamplingOrder } from '../sampler/messages.ts';
import { type AgentClock, NoAgentError } from './clock.ts';
import { oneLine } from './lines.ts';
import { type AgentLink, type AgentReply, networkReason } from './link.ts';

/** The agent's child has 10 s to find the target. */
const openWithinMs = 15_000;

const text = (most: number): z.ZodPipe<z.ZodString, z.ZodTransform<string, string>> =>
  z.string().max(most).transform(oneLine);

const opened = z.object({
  session: z.string().regex(/^[\w-]{1,64}$/),
  epochNs: z.string().regex(/^\d{1,20}$/),
  view: z.object({
    description: text(1000),
    notObserved: z.array(z.object({ what: text(200), why: text(1000) })).max(200),
    cgroup: z.object({ v1Memory: text(4096).nullable(), v2: text(4096).nullable() }),
  }),
});

const errorBody = z.object({
  error: z.object({ code: text(64).nullable(), message: text(1000), hint: text(1000).nullable() }),
});

export interface OpenedSession {
  session: string;
  epochNs: bigint;
  view: SamplerView;
}

function unreachable(where: string, why: string, cause: unknown): BenchError {
  const isTls = /CERT|SSL|TLS|SIGNED/i.test(why);
  return new BenchError('AGENT_UNREACHABLE', `No agent answers at ${where}: ${why}.`, {
    hint: isTls
      ? 'Name the authority of its certificate with --agent-ca FILE, and the host as the certificate does.'
      : 'Start it on the host of the target with: bench agent',
    cause,
  });
}

/** What an agent means by a status that is not the one hoped for. */
function refusalOf(where: string, { status, body }: AgentReply): BenchError {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) {
    return unreachable(where, `something else than an agent, with status ${status}`, body);
  }
  const { code, message, hint } = parsed.data.error;
  if (status === 401) {
    return new BenchError('AGENT_REFUSED', `The agent at ${where} refused us: ${message}.`, {
      hint: 'Name the file of its token with --agent-token-file FILE.',
    });
  }
  if (status === 503) {
    return unreachable(where, message, body);
  }
  if (code !== null && isErrorCode(code)) {
    return new BenchError(code, `On the host of the agent at ${where}: ${message}`, hint === null ? {} : { hint });
  }
  return new BenchError('AGENT_REFUSED', `The agent at ${where} refused the order: ${message}.`, {
    hint: hint ?? 'An agent looks only at the machine that it runs on: name the target by an address of that machine.',
  });
}

/** Throws AGENT_UNREACHABLE, AGENT_REFUSED, or what the sampler on the agent's host failed with. */
export async function openSession(
  link: AgentLink,
  clock: AgentClock,
  where: string,
  order: SamplingOrder,
): Promise<OpenedSession> {
  let reply: AgentReply;
  try {
    await clock.burst();
    reply = await link.control({ method: 'POST', path: '/v1/sessions', body: order, timeoutMs: openWithinMs });
  } catch (error: unknown) {
    if (error instanceof NoAgentError) {
      throw refusalOf(where, error.cause as AgentReply);
    }
    throw unreachable(where, networkReason(error), error);
  }
  const parsed = opened.safeParse(reply.body);
  if (reply.status !== 201 || !parsed.success) {
    throw refusalOf(where, reply);
  }
  const { session, epochNs, view } = parsed.data;
  return { session, epochNs: BigInt(epochNs), view };
}
