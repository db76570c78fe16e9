import { eventKinds } from '../model/artifacts.ts';
import { checkLevels, outcomes } from '../model/record.ts';
import { eventColumns, itemColumns, requestColumns, sampleColumns } from './columns.ts';

export type ColumnType = 'text' | 'number' | 'whole' | 'boolean' | readonly string[];

export interface TypedColumn {
  name: string;
  type: ColumnType;
  /** May not be empty. */
  isMandatory: boolean;
}

const scopes = ['process', 'tree', 'cgroup', 'host', 'gpu', 'target', 'client'] as const;
const qualities = ['ok', 'missed', 'late'] as const;

const typeOf: Readonly<Record<string, ColumnType>> = {
  seq: 'whole',
  slot: 'whole',
  attempt: 'whole',
  retry_of: 'whole',
  planned_ms: 'number',
  start_ms: 'number',
  connected_ms: 'number',
  body_sent_ms: 'number',
  first_byte_ms: 'number',
  first_content_ms: 'number',
  end_ms: 'number',
  bytes_out: 'whole',
  bytes_in: 'whole',
  status: 'whole',
  outcome: outcomes,
  reused_socket: 'boolean',
  check: checkLevels,
  spoken_words: 'whole',
  word_errors: 'whole',
  events: 'whole',
  output_tokens: 'whole',
  t_ms: 'number',
  scope: scopes,
  value: 'number',
  quality: qualities,
  kind: eventKinds,
  bytes: 'whole',
  audio_seconds: 'number',
  pixels: 'whole',
};

function typed(columns: readonly string[], mandatory: readonly string[]): readonly TypedColumn[] {
  return columns.map((name) => ({ name, type: typeOf[name] ?? 'text', isMandatory: mandatory.includes(name) }));
}

/** Fields of the tables as PROTOCOL 8.7 has them. */
export const typedColumns = {
  requests: typed(requestColumns, ['seq', 'stage', 'attempt', 'planned_ms', 'outcome', 'check']),
  samples: typed(sampleColumns, ['t_ms', 'scope', 'instance', 'metric', 'quality']),
  events: typed(eventColumns, ['t_ms', 'kind']),
  items: typed(itemColumns, ['item_id', 'bytes']),
} as const;

/** null: the field is as it must be; else what it must be. */
export function faultOfField(text: string, { type, isMandatory }: TypedColumn): string | null {
  if (text === '') {
    return isMandatory ? 'is empty' : null;
  }
  switch (type) {
    case 'text':
      return null;
    case 'number':
      return Number.isFinite(Number(text)) ? null : `is no number: ${quoted(text)}`;
    case 'whole':
      return /^-?\d+$/.test(text) ? null : `is no whole number: ${quoted(text)}`;
    case 'boolean':
      return text === 'true' || text === 'false' ? null : `is neither true nor false: ${quoted(text)}`;
    default:
      return type.includes(text) ? null : `is none of ${type.join(', ')}: ${quoted(text)}`;
  }
}

/** A field may be a megabyte long, and hold what a terminal would obey. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
