import { z } from 'zod';
import { stageKinds } from './profile.ts';

/** What zod tells an `error` function of an issue. */
interface Issue {
  input?: unknown;
}

/** `is missing`, or what it must be instead of what it is. */
function must(be: string): { error: (issue: Issue) => string } {
  return {
    error: ({ input }) => (input === undefined ? 'is missing' : `must be ${be}, not ${JSON.stringify(input)}`),
  };
}

const oneOf = (words: readonly string[]): { error: (issue: Issue) => string } => must(`one of ${words.join(', ')}`);

function text(description: string): z.ZodString {
  return z.string(must('a text')).min(1, must('a text')).describe(description);
}

function slug(description: string): z.ZodString {
  const shape = must('lower case words joined by hyphens');
  return z
    .string(shape)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, shape)
    .describe(description);
}

function duration(description: string): z.ZodString {
  const shape = must('a duration such as 250ms, 5s, 5m or 8h');
  return z
    .string(shape)
    .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, shape)
    .describe(description);
}

function count(description: string): z.ZodInt {
  const shape = must('a whole number from 1 to 1000000');
  return z.int(shape).min(1, shape).max(1_000_000, shape).describe(description);
}

function size(description: string): z.ZodString {
  const shape = must('a size such as 64KiB or 1MB');
  return z
    .string(shape)
    .regex(/^\d+(\.\d+)?\s?(B|[kMG]B|[KMG]iB?)$/, shape)
    .describe(description);
}

function share(description: string): z.ZodString {
  const shape = must('a share such as 50%');
  return z
    .string(shape)
    .regex(/^\d{1,2}(\.\d+)?%$/, shape)
    .describe(description);
}

function factor(description: string): z.ZodNumber {
  return z.number(must('a number above 0')).positive(must('a number above 0')).describe(description);
}

/** `1.2 x warmup audio-seconds`: factor, stage, unit. */
export const ratePattern = /^(\d+(?:\.\d+)?) x ([a-z0-9]+(?:-[a-z0-9]+)*) (rps|audio-seconds)$/;

function rate(description: string): z.ZodUnion<readonly [z.ZodNumber, z.ZodString]> {
  const shape = must('a number above 0, or such as "1.2 x warmup audio-seconds" or "0.5 x burst-64 rps"');
  return z
    .union([z.number(shape).positive(shape), z.string(shape).regex(ratePattern, shape)], shape)
    .describe(description);
}

export const executorIds = [
  'constant-vus',
  'ramping-vus',
  'shared-iterations',
  'per-vu-iterations',
  'constant-arrival-rate',
  'ramping-arrival-rate',
  'burst',
] as const;
const abortMetrics = ['error-ratio', 'p95-ms', 'unhealthy-ms'] as const;
const arrivals = ['uniform', 'poisson'] as const;
const picks = ['shuffled', 'first', 'longest'] as const;
const severities = ['fail', 'warn', 'off'] as const;

/** A stage as written; which keys an executor takes is checked by the parser. */
export const stageSchema = z.strictObject(
  {
    name: slug('Name of the stage; rates refer to it'),
    kind: z.enum(stageKinds, oneOf(stageKinds)).describe('What the stage is judged as'),
    for: duration('How long; for a cooldown the longest it may take').optional(),
    executor: z.enum(executorIds, oneOf(executorIds)).describe('Shape of the load').optional(),
    rate: rate('constant-arrival-rate: requests per second').optional(),
    fromRate: rate('ramping-arrival-rate: requests per second at the beginning').optional(),
    toRate: rate('ramping-arrival-rate: requests per second at the end').optional(),
    vus: count('constant-vus, shared-iterations, per-vu-iterations: number of VUs').optional(),
    fromVus: count('ramping-vus: number of VUs at the beginning').optional(),
    toVus: count('ramping-vus: number of VUs at the end').optional(),
    iterations: count('shared-iterations: requests in all; per-vu-iterations: requests of each VU').optional(),
    thinkTime: duration('Executors of VUs: pause of a VU after each answer, else none').optional(),
    size: count('burst: requests sent at once').optional(),
    repeats: count('burst: number of bursts, else 1').optional(),
    every: duration('burst: time from one burst to the next').optional(),
    arrivals: z.enum(arrivals, oneOf(arrivals)).describe('Gaps between arrivals, else uniform').optional(),
    maxInFlight: count('Above it a request is dropped; else 256, for a burst all of it').optional(),
    timeout: duration('Of one request, else 60s').optional(),
    pick: z.enum(picks, oneOf(picks)).describe('Which items are sent, else shuffled').optional(),
    abandonAfter: duration('The client lets go without an answer after so long').optional(),
    retries: count('After letting go: how often it asks again').optional(),
    retryPause: duration('Pause before each retry, else none').optional(),
    uploadRate: size('Bytes per second at which a body is written, else as fast as the server reads').optional(),
    disconnectAt: share('Share of the body after which the client disconnects').optional(),
  },
  must('a stage with its keys'),
);
export type StageText = z.infer<typeof stageSchema>;

const abortSchema = z.strictObject(
  {
    when: z.enum(abortMetrics, oneOf(abortMetrics)).describe('What is watched'),
    above: factor('Ends the load above it: a share 0..1 for error-ratio, else milliseconds'),
    for: duration('Over how long it is watched'),
  },
  must('a condition with when, above and for'),
);

const neighbourSchema = z
  .strictObject(
    {
      adapter: text('Id of its wire format'),
      corpus: slug('What it is sent'),
      path: text("Its path, if it is not the wire format's own").optional(),
      every: duration('Time between two of its requests'),
      timeout: duration('Of one of its requests'),
    },
    must('a neighbour with its keys'),
  )
  .describe('A second target, called all along by one careful client');

const searchSchema = z
  .strictObject(
    {
      fromVus: count('Concurrency of the first step'),
      toVus: count('Concurrency at which the search ends'),
      factor: factor('From one step to the next, above 1').optional(),
      step: duration('Length of a step'),
      lull: duration('Pause between two steps').optional(),
      p95: duration('A step breaks above this 95th percentile').optional(),
      errorRatio: factor('A step breaks above this share of failed requests, 0..1').optional(),
    },
    must('a search with its keys'),
  )
  .describe('Steps of concurrency until a bound breaks, then bisected');

/** A profile as written. */
export const profileSchema = z
  .strictObject(
    {
      name: slug('Name of the profile; also the name of its file'),
      question: text('What it asks of a server, in one sentence'),
      corpus: slug('Name of the corpus'),
      adapter: text('Id of the wire format, else openai-transcription').optional(),
      seed: z
        .int(must('a whole number of at least 0'))
        .min(0, must('a whole number of at least 0'))
        .describe('Another seed gives another order of items and other Poisson gaps, else 1')
        .optional(),
      scale: factor('Only in a resolved profile: the factor that its durations already contain').optional(),
      sampleInterval: duration('Time between samples, else 1s').optional(),
      referenceTimeScale: factor("Multiplies the reference server's own timers, else 1").optional(),
      stages: z
        .array(stageSchema, must('a list of stages'))
        .min(1, 'must have at least one stage')
        .describe('In the order in which they run'),
      abort: z
        .array(abortSchema, must('a list of conditions'))
        .describe('Conditions that end the load before its time')
        .optional(),
      neighbour: neighbourSchema.optional(),
      search: searchSchema.optional(),
      thresholds: z
        .record(z.string(), z.enum(severities, oneOf(severities)), must('a map from detectors to fail, warn or off'))
        .describe('Detector id to what its failure counts as, else fail')
        .optional(),
      requires: z
        .array(z.string(must('the id of a detector')), must('a list of detectors'))
        .describe('Detectors that must come to an answer')
        .optional(),
    },
    must('a profile with its keys'),
  )
  .describe('A load profile of bench');

/** The content of `profiles/profile.schema.json`. */
export function profileJsonSchema(): object {
  return z.toJSONSchema(profileSchema);
}
