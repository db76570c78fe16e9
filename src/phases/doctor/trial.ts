import { monotonicClock } from '../../base/clock.ts';
import type { AdapterOptions, CallAdapter, ReplyCheck } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { LoadEngine } from '../../model/engine.ts';
import type { RequestRecord } from '../../model/record.ts';

/** Enough for what is shown, and for the server's own words within a page of an error. */
const keptBytes = 16 * 1024;

export interface TrialOptions {
  engine: LoadEngine;
  url: URL;
  adapter: CallAdapter;
  adapterOptions: AdapterOptions;
  headers: Readonly<Record<string, string>>;
  tlsAuthorities: string | null;
  item: CorpusItem;
  timeoutMs: number;
}

/** One request, and what came of it. */
export interface Trial {
  record: RequestRecord;
  /** What the adapter said of a 2xx; null: it was not asked, or threw. */
  check: ReplyCheck | null;
  /** Names in lower case; empty without a reply. */
  headers: Readonly<Record<string, string>>;
  /** The reply from its beginning, as much as is kept. */
  body: Buffer;
}

/** The adapter itself, whose judgement is heard. */
function overheard(adapter: CallAdapter, hear: (check: ReplyCheck) => void): CallAdapter {
  const heard = <T extends ReplyCheck>(check: T): T => {
    hear(check);
    return check;
  };
  const readStream = adapter.readStream?.bind(adapter);
  return {
    ...adapter,
    judge: (...reply) => heard(adapter.judge(...reply)),
    ...(readStream === undefined
      ? {}
      : {
          readStream(item, options) {
            const reader = readStream(item, options);
            return { event: (name, data) => reader.event(name, data), judge: () => heard(reader.judge()) };
          },
        }),
  };
}

/** The item with the fewest bytes, since a trial asks whether it is spoken rightly and not how much is borne. */
export function smallestItem(items: readonly CorpusItem[]): CorpusItem | null {
  return items.reduce<CorpusItem | null>(
    (least, item) => (least === null || item.bytes < least.bytes ? item : least),
    null,
  );
}

/** Sends one request by the engine of a run, as a stage of one row. */
export async function sendTrial(options: TrialOptions): Promise<Trial> {
  const { engine, item, timeoutMs } = options;
  const clock = monotonicClock();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const trial: Omit<Trial, 'record' | 'body'> = { check: null, headers: {} };
  let settle: (record: RequestRecord) => void = () => undefined;
  const recorded = new Promise<RequestRecord>((resolve) => {
    settle = resolve;
  });
  const session = engine.open({
    url: options.url,
    adapter: overheard(options.adapter, (check) => {
      trial.check = check;
    }),
    adapterOptions: options.adapterOptions,
    headers: options.headers,
    clock,
    tlsAuthorities: options.tlsAuthorities,
    folder: '',
    watch: {
      head(_status, headers) {
        trial.headers = headers;
      },
      data(chunk) {
        if (bytes < keptBytes) {
          const kept = Buffer.from(chunk.subarray(0, keptBytes - bytes));
          chunks.push(kept);
          bytes += kept.length;
        }
      },
    },
    onRecord: settle,
  });
  const row = { seq: 0, stage: 'trial', item, timeoutMs, plannedMs: 0, slot: null, client: null };
  const startMs = clock.nowMs();
  await session.runStage({ model: 'open', rows: [row], maxInFlight: 1 }, startMs, startMs);
  const record = await recorded;
  await session.close();
  return { ...trial, record, body: Buffer.concat(chunks) };
}
