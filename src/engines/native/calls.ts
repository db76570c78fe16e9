import { contentLength } from '../../base/body-stream.ts';
import type { AdapterOptions, CallAdapter, Segment } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { PlanRow } from '../../model/plan.ts';
import type { Call } from './carrier.ts';

/** All kept calls together; of what comes then each call is made anew. */
const mostKeptBytes = 8 * 1024 * 1024;
/** Of a call beside its bytes: its headers and the objects. */
const callBytes = 2048;

export interface CallOptions {
  adapter: CallAdapter;
  adapterOptions: AdapterOptions;
  /** Sent with every request, names in lower case. */
  headers: Readonly<Record<string, string>>;
  basePath: string;
}

/** What a format makes of each item, made once: an adapter gives the same for the same item. */
export class Calls {
  readonly #options: CallOptions;
  readonly #kept = new Map<CorpusItem, Call>();
  #keptBytes = 0;

  constructor(options: CallOptions) {
    this.#options = options;
  }

  /** Throws what the adapter throws. */
  of({ item, client }: PlanRow): Call {
    const call = this.#kept.get(item) ?? this.#make(item);
    return client === null ? call : { ...call, client, isKept: false };
  }

  #make(item: CorpusItem): Call {
    const { adapter, adapterOptions, headers, basePath } = this.#options;
    const wire = adapter.request(item, adapterOptions);
    const bytes = contentLength(wire.segments);
    const heldBytes = callBytes + wire.segments.reduce((sum, segment) => sum + bytesHeld(segment), 0);
    const isKept = this.#keptBytes + heldBytes <= mostKeptBytes;
    const call: Call = {
      method: wire.method,
      path: basePath + wire.path,
      headers: headersOf(wire.headers, headers, wire.method === 'GET' && bytes === 0 ? null : bytes),
      segments: wire.segments,
      bytes,
      client: null,
      isKept,
    };
    if (isKept) {
      this.#keptBytes += heldBytes;
      this.#kept.set(item, call);
    }
    return call;
  }
}

function bytesHeld(segment: Segment): number {
  return 'item' in segment ? 0 : segment.bytes.length;
}

/** What is sent with every request wins over what the format says. */
function headersOf(
  wire: Readonly<Record<string, string>>,
  shared: Readonly<Record<string, string>>,
  bytes: number | null,
): Record<string, string> {
  const headers: Record<string, string> = { ...shared };
  if (bytes !== null) {
    headers['content-length'] = String(bytes);
  }
  for (const name of Object.keys(wire)) {
    headers[name.toLowerCase()] ??= wire[name] ?? '';
  }
  return headers;
}
