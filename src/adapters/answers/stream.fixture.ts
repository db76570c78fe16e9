import { createSseParser } from '../../base/sse.ts';
import type { ReplyCheck, StreamReader } from '../../model/adapter.ts';

export interface StreamOutcome {
  /** One for each event: was it content? */
  kinds: readonly ('content' | 'other')[];
  check: ReplyCheck & { outputTokens: number | null };
}

/** Reads a stream as it came over the wire. */
export function readWhole(reader: StreamReader | undefined, text: string): StreamOutcome {
  if (reader === undefined) {
    throw new Error('the adapter reads no streams');
  }
  const kinds: ('content' | 'other')[] = [];
  const parser = createSseParser((name, data) => kinds.push(reader.event(name, data)));
  parser.push(Buffer.from(text));
  parser.end();
  return { kinds, check: reader.judge() };
}

/** Events of JSON, and texts as they are. */
export function streamOf(...events: readonly unknown[]): string {
  return events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
}
