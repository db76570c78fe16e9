import { monotonicClock } from '../../base/clock.ts';
import type { AdapterOptions, CallAdapter } from '../../model/adapter.ts';
import type { StageRows } from '../../model/plan.ts';
import type { ClientManners } from '../../model/profile.ts';
import type { RequestRecord } from '../../model/record.ts';
import { native } from './native.ts';

interface Driven {
  records: RequestRecord[];
  planned: number;
  latenessMs: readonly number[];
}

interface DriveOptions {
  adapter?: CallAdapter;
  tlsAuthorities?: string | null;
  durationMs?: number;
  /** How long what is open may go on after the stage. */
  graceMs?: number;
  /** When the session is told to stop, from the stage's start. */
  stopAfterMs?: number;
}

const adapterOptions: AdapterOptions = { model: 'any', check: 'auto', path: null, stream: false, template: null };

/** The item as it is, and every answer is good. */
const bodyAdapter: CallAdapter = {
  kind: 'call',
  id: 'body',
  title: 'body',
  accepts: [],
  request: (item) => ({ method: 'POST', path: '/raw', headers: {}, segments: [{ item }] }),
  judge: ({ headers }) => ({ ok: true, check: 'none', answerDigest: null, route: headers['x-route'] ?? null }),
};

/** One stage against one server, from open to close; records in the order of their numbers. */
export async function drive(url: URL, rows: StageRows, options: DriveOptions = {}): Promise<Driven> {
  const records: RequestRecord[] = [];
  const clock = monotonicClock();
  const session = native.open({
    url,
    adapter: options.adapter ?? bodyAdapter,
    adapterOptions,
    headers: {},
    clock,
    tlsAuthorities: options.tlsAuthorities ?? null,
    folder: '',
    onRecord: (record) => records.push(record),
  });
  const startMs = clock.nowMs();
  const stopped =
    options.stopAfterMs === undefined
      ? null
      : clock.sleepUntil(startMs + options.stopAfterMs).then(() => session.stop());
  await session.runStage(rows, startMs, startMs + (options.durationMs ?? 20));
  const untilMs = clock.nowMs() + (options.graceMs ?? 3000);
  while (session.inFlight() > 0 && clock.nowMs() < untilMs) {
    await clock.sleepUntil(clock.nowMs() + 2);
  }
  await session.close();
  await stopped;
  return {
    records: records.toSorted((a, b) => a.seq - b.seq),
    planned: session.planned(),
    latenessMs: session.latenessMs(),
  };
}

export const patientClient: ClientManners = {
  abandonAfterMs: null,
  retries: 0,
  retryPauseMs: 0,
  uploadBytesPerSecond: null,
  disconnectAtRatio: null,
};
