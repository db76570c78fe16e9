import { BenchError } from '../../base/errors.ts';
import type { Service, ServiceKind } from '../service.ts';
import { collectIngest } from './ingest/gauges.ts';
import { IngestProcess } from './ingest/ingest-process.ts';
import { ingestKnobs, ingestSettings } from './ingest/settings.ts';
import { handleSource, isJobsUrl } from './ingest/source.ts';

/** A worker that takes tasks from a job API, fetches their images and posts results. Idle until it has a source. */
export const ingest: ServiceKind = {
  id: 'ingest',
  title: 'Images that it fetches: pulls from the job API of --knob jobs-url',
  knobs: ingestKnobs,
  async start({ values, device, log }): Promise<Service> {
    const settings = ingestSettings(values);
    const { jobsUrl } = settings;
    if (jobsUrl !== '' && !isJobsUrl(jobsUrl)) {
      throw new BenchError('USAGE', `Knob "jobs-url=${jobsUrl}" is no http address.`, {
        hint: 'Write for example --knob jobs-url=http://127.0.0.1:8000/api/v2.',
      });
    }
    const worker = new IngestProcess(settings, device.access, log);
    if (jobsUrl !== '') {
      worker.start(jobsUrl);
    }
    return {
      routes: [
        {
          path: '/v1/ingest/source',
          methods: ['POST'],
          handle: (request, response) => handleSource(worker, request, response),
        },
      ],
      isReady: () => worker.unable === null,
      health: () => ({
        ingest: {
          has_source: worker.hasSource,
          queued_batches: worker.state?.queuedBatches ?? null,
          unable: worker.unable,
        },
      }),
      collect: (exposition) => collectIngest(exposition, worker.state),
      manage: () => undefined,
      stop: (graceMs) => worker.stop(graceMs),
      connectionLimit: null,
    };
  },
};
