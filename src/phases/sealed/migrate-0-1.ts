import { z } from 'zod';
import type { MigrationStep } from './migrate-step.ts';

/** Of schema 0.2 as it was: a later schema has a step of its own, so this list never changes. */
const requestColumns = [
  'seq',
  'stage',
  'item_id',
  'slot',
  'attempt',
  'retry_of',
  'planned_ms',
  'start_ms',
  'connected_ms',
  'body_sent_ms',
  'first_byte_ms',
  'first_content_ms',
  'end_ms',
  'bytes_out',
  'bytes_in',
  'status',
  'outcome',
  'error_code',
  'route',
  'reused_socket',
  'check',
  'answer_digest',
  'spoken_words',
  'word_errors',
  'events',
  'output_tokens',
] as const;

const requestTexts: ReadonlySet<string> = new Set([
  'stage',
  'item_id',
  'outcome',
  'error_code',
  'route',
  'reused_socket',
  'check',
  'answer_digest',
]);

const unknownNumber = z.number().nullable().default(null);

const stageSchema = z.looseObject({ client: z.unknown().default(null) });

const manifestSchema = z.looseObject({
  runId: z.string(),
  node: z.string().default('unknown'),
  host: z.record(z.string(), z.string()).default({}),
  hostClass: z.string().default(''),
  profile: z.looseObject({
    stages: z.array(stageSchema),
    abortWhen: z.array(z.unknown()).default([]),
    neighbour: z.unknown().default(null),
    search: z.unknown().default(null),
  }),
  corpus: z.looseObject({ meanAudioSeconds: unknownNumber }),
  target: z.looseObject({ exec: z.string().nullable().default(null) }),
  measured: z
    .looseObject({
      clock: z.unknown().default(null),
      expectedSamples: unknownNumber,
      missedSamples: unknownNumber,
      samplerCostMs: z.unknown().default(null),
      cpuSeconds: unknownNumber,
      samplerCpuSeconds: unknownNumber,
    })
    .nullable()
    .default(null),
});
type OldManifest = z.infer<typeof manifestSchema>;

/** `linux-x64/AMD EPYC/2 cores/24 GiB`: what the class of a host was made of. */
const hostClassPattern =
  /^(?<system>[^-/]+)-(?<architecture>[^/]+)\/(?<processor>.*)\/(?<cores>\d+) cores\/(?<memory>\d+ GiB)$/;

function comparability({ hostClass, host, node }: OldManifest): Record<string, Record<string, string | null>> {
  const parts = hostClassPattern.exec(hostClass)?.groups ?? {};
  const fact = (name: string): string | null => host[name] ?? null;
  return {
    must: {
      architecture: parts['architecture'] ?? null,
      'operating system': parts['system'] ?? null,
      processor: parts['processor'] ?? null,
      'logical cores': parts['cores'] ?? null,
      'memory class': parts['memory'] ?? null,
      swap: fact('swap'),
    },
    warn: {
      'kernel minor version': /^\d+\.\d+/.exec(host['kernel'] ?? '')?.[0] ?? null,
      'transparent huge pages': fact('transparent huge pages'),
      'frequency governor': null,
      virtualisation: fact('virtualisation'),
      node,
    },
  };
}

/**
 * Schema 0.1 knew no retries, streams, sessions, neighbours or searches, so that a run of it had none: these facts are
 * filled in. What it did not read is null.
 */
export const from01: MigrationStep = {
  from: '0.1',
  to: '0.2',
  tables: [
    {
      file: 'requests.csv',
      columns: requestColumns,
      added: {
        attempt: 1,
        retry_of: null,
        connected_ms: null,
        spoken_words: null,
        word_errors: null,
        events: null,
        output_tokens: null,
      },
      notRecorded: ['connected_ms', 'spoken_words', 'word_errors', 'events', 'output_tokens'],
      numbers: requestColumns.filter((name) => !requestTexts.has(name)),
    },
  ],
  manifest(old, tell) {
    const manifest = manifestSchema.parse(old);
    const { runId } = manifest;
    tell('measurementVersion: the rules of schema 0.1 had no version; its numbers are not comparable with later ones.');
    tell('protocol: the text of the rules that the run was made under was not recorded.');
    tell('subject: version, commit and image of the server were not recorded.');
    tell('comparability: the frequency governor was not recorded; the rest is what the host facts tell.');
    if (manifest.corpus.meanAudioSeconds === null) {
      tell('corpus.meanAudioSeconds was not recorded, or the corpus is not audio.');
    }
    return {
      ...manifest,
      schemaVersion: '0.2',
      measurementVersion: 'before 1',
      protocol: null,
      session: { id: runId, repeat: 1, of: 1, purpose: 'manual' },
      subject: { version: null, commit: null, image: null },
      comparability: comparability(manifest),
    };
  },
};
