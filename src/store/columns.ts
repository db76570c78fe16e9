import type { RunEvent } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import type { CsvValue } from './csv-line.ts';

/** The public columns of the tables (PROTOCOL 8.1): snake_case of the field names. */
export const requestColumns = [
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

export const sampleColumns = ['t_ms', 'stage', 'probe', 'scope', 'instance', 'metric', 'value', 'quality'] as const;

export const itemColumns = ['item_id', 'bytes', 'audio_seconds', 'pixels'] as const;

export const eventColumns = ['t_ms', 'kind', 'stage', 'subject', 'detail'] as const;

export function requestRow(record: RequestRecord): CsvValue[] {
  return [
    record.seq,
    record.stage,
    record.itemId,
    record.slot,
    record.attempt,
    record.retryOf,
    record.plannedMs,
    record.startMs,
    record.connectedMs,
    record.bodySentMs,
    record.firstByteMs,
    record.firstContentMs,
    record.endMs,
    record.bytesOut,
    record.bytesIn,
    record.status,
    record.outcome,
    record.errorCode,
    record.route,
    record.reusedSocket,
    record.check,
    record.answerDigest,
    record.spokenWords,
    record.wordErrors,
    record.events,
    record.outputTokens,
  ];
}

export function eventRow(event: RunEvent): CsvValue[] {
  return [event.tMs, event.kind, event.stage, event.subject, event.detail];
}
