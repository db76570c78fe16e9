import type { DeviceAccess } from '../../device/device.ts';
import type { KnobTable, KnobValues } from '../../knobs.ts';
import type { Plan } from './plan.ts';

export const ingestKnobs: KnobTable = {
  'jobs-url': { value: '', meaning: 'base of the job API that it pulls from; empty: it waits to be told' },
  'jobs-token': { value: 'headroom', meaning: 'token that it shows there' },
  'jobs-poll-s': { value: 5, meaning: 'seconds between two looks for a job' },
  loaders: { value: 2, least: 1, meaning: 'processes that take tasks, download and decode' },
  batch: { value: 4, least: 1, meaning: 'tasks that a loader takes at once' },
  prefetch: { value: 2, least: 1, meaning: 'batches that each loader works on or has ready' },
  'model-batch': { value: 8, least: 1, meaning: 'images of one call of the model' },
  'infer-s': { value: 1, meaning: 'seconds of inference for an image' },
  stage: {
    value: 'disk',
    choices: ['disk', 'shm'],
    meaning: 'where batches wait: raw files on disk, or float32 in /dev/shm',
  },
  pin: { value: false, meaning: 'a locked copy of every batch that waits' },
  'probe-commit': { value: false, meaning: 'two tasks first; their size and times give batch and prefetch' },
  'self-throttle-ratio': {
    value: 0.7,
    meaning: 'share of the limit above which batches shrink and then wait; 0 = never',
  },
  'download-threads': { value: 8, least: 1, meaning: 'downloads of a loader side by side' },
  sockets: {
    value: 'reused',
    choices: ['reused', 'kept'],
    meaning: 'connections go from download to download, or each download keeps its own while its batch waits',
  },
  'download-sockets': { value: 10, least: 1, meaning: 'connections of a download that keeps its own' },
  nofile: { value: 65_536, least: 64, meaning: 'limit of open files of the ingest processes, at most the hard limit' },
  'task-megapixels': { value: 100, meaning: 'largest image of a task' },
};

export type Stage = 'disk' | 'shm';

/** What the ingest process is started with, as one JSON argument; times are scaled. */
export interface IngestSetup {
  device: DeviceAccess;
  jobsUrl: string;
  token: string;
  pollMs: number;
  plan: Plan;
  modelBatch: number;
  inferMs: number;
  stage: Stage;
  pins: boolean;
  probesFirst: boolean;
  throttleRatio: number;
  downloadThreads: number;
  /** Connections that a download keeps; null = they are reused. */
  keptSockets: number | null;
  mostPixels: number;
  /** Where batches wait; whoever starts the process makes and removes it. */
  folder: string;
}

export type IngestSettings = Omit<IngestSetup, 'device' | 'folder'> & { nofile: number };

export function ingestSettings(values: KnobValues): IngestSettings {
  const count = (name: string): number => Math.floor(values.number(name));
  return {
    jobsUrl: values.text('jobs-url'),
    token: values.text('jobs-token'),
    pollMs: values.scaledMs('jobs-poll-s'),
    plan: { loaders: count('loaders'), batch: count('batch'), prefetch: count('prefetch') },
    modelBatch: count('model-batch'),
    inferMs: values.scaledMs('infer-s'),
    stage: values.text('stage') === 'shm' ? 'shm' : 'disk',
    pins: values.boolean('pin'),
    probesFirst: values.boolean('probe-commit'),
    throttleRatio: Math.min(1, values.number('self-throttle-ratio')),
    downloadThreads: count('download-threads'),
    keptSockets: values.text('sockets') === 'kept' ? count('download-sockets') : null,
    mostPixels: Math.floor(values.number('task-megapixels') * 1e6),
    nofile: count('nofile'),
  };
}
