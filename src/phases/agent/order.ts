import { z } from 'zod';
import { stageKinds } from '../../model/profile.ts';
import type { SamplerTick, SamplingOrder } from '../sampler/messages.ts';

/** No control character, line separator or paragraph separator: they would end up in files and on terminals. */
export const plainText = /^[^\p{Cc}\p{Zl}\p{Zp}]*$/u;

const line = (most: number): z.ZodString => z.string().min(1).max(most).regex(plainText, 'holds a control character');

const webUrl = line(2048).refine(
  (text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol),
  'is not an http URL',
);
const urlPath = line(1024).refine((text) => text.startsWith('/'), 'is not a path of a URL');

// A group is a folder below the cgroup file system: nothing may lead out of it.
const cgroupPath = line(1024).refine((text) => !text.split('/').includes('..'), 'leads out of the cgroup file system');
const unitName = line(255).regex(/^[A-Za-z0-9][\w:.@\\-]*$/, 'is no name of a systemd unit');
const containerName = line(255).regex(/^[A-Za-z0-9][\w.-]*$/, 'is no name of a container');

const order = z.strictObject({
  observe: z.discriminatedUnion('by', [
    z.strictObject({ by: z.literal('listening-socket') }),
    z.strictObject({ by: z.literal('pid'), pid: z.int().min(1).max(4_194_304) }),
    z.strictObject({ by: z.literal('cgroup'), path: cgroupPath }),
    z.strictObject({ by: z.literal('unit'), unit: unitName }),
    z.strictObject({ by: z.literal('container'), container: containerName }),
  ]),
  address: z.strictObject({
    url: webUrl.nullable(),
    healthPath: urlPath,
    readyPath: urlPath.nullable(),
    metricsUrl: webUrl.nullable(),
    // A path of this host's file system, which belongs to a server that the harness itself started.
    deviceMonitor: z.null('is a socket of the machine that sends the load'),
  }),
  intervalMs: z.number().min(10).max(3_600_000),
  skipProbes: z.array(z.string().regex(/^[a-z0-9-]{1,64}$/)).max(64),
});

const tick = z.strictObject({ stage: line(200).or(z.literal('')), kind: z.enum(stageKinds), quiesced: z.boolean() });
const interval = z.strictObject({ intervalMs: z.number().min(10).max(3_600_000) });

export type Parsed<T> = { value: T } | { refused: string };

/** One line: where, and what is wrong there. */
export function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  const place = issue?.path.map(String).join('.') ?? '';
  const what = issue?.code === 'unrecognized_keys' ? `has an unknown key "${issue.keys[0] ?? ''}"` : issue?.message;
  // The key is the sender's own text.
  return `${place === '' ? 'it' : place}: ${what ?? 'is invalid'}`.replace(/\s+|\p{Cc}/gu, ' ').slice(0, 200);
}

function parseJson<T>(schema: z.ZodType<T>, text: string): Parsed<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { refused: 'it: is not JSON' };
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? { value: parsed.data } : { refused: firstIssue(parsed.error) };
}

/** What came over the network; only what an agent can do for another machine is let through. */
export function parseOrder(text: string): Parsed<SamplingOrder> {
  return parseJson(order, text);
}

export function parseTick(text: string): Parsed<SamplerTick> {
  return parseJson(tick, text);
}

export function parseInterval(text: string): Parsed<{ intervalMs: number }> {
  return parseJson(interval, text);
}
