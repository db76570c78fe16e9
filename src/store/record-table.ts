import type { CheckLevel, Outcome, RequestRecord } from '../model/record.ts';
import { requestColumns } from './columns.ts';
import { NumberColumn, TextColumn } from './number-column.ts';
import type { TableRow } from './table-row.ts';

const numberNames = [
  'seq',
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
  'spoken_words',
  'word_errors',
  'events',
  'output_tokens',
] as const;
const textNames = [
  'stage',
  'item_id',
  'outcome',
  'error_code',
  'route',
  'reused_socket',
  'check',
  'answer_digest',
] as const;

type Columns = Readonly<Record<(typeof numberNames)[number], NumberColumn>> &
  Readonly<Record<(typeof textNames)[number], TextColumn>>;

const numberPlaces = numberNames.map((name) => [name, requestColumns.indexOf(name)] as const);
const textPlaces = textNames.map((name) => [name, requestColumns.indexOf(name)] as const);

function emptyColumns(): Columns {
  return Object.fromEntries([
    ...numberNames.map((name) => [name, new NumberColumn()] as const),
    ...textNames.map((name) => [name, new TextColumn()] as const),
  ]) as unknown as Columns;
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
const textOrNull = (text: string): string | null => (text === '' ? null : text);

/** A row of the columns: two words, where an object of 26 fields would hold each number apart. */
class StoredRecord implements RequestRecord {
  readonly #columns: Columns;
  readonly #index: number;

  constructor(columns: Columns, index: number) {
    this.#columns = columns;
    this.#index = index;
  }

  get seq(): number {
    return this.#columns.seq.at(this.#index);
  }
  get stage(): string {
    return this.#columns.stage.at(this.#index);
  }
  get itemId(): string {
    return this.#columns.item_id.at(this.#index);
  }
  get slot(): number | null {
    return orNull(this.#columns.slot.at(this.#index));
  }
  get attempt(): number {
    return this.#columns.attempt.at(this.#index);
  }
  get retryOf(): number | null {
    return orNull(this.#columns.retry_of.at(this.#index));
  }
  get plannedMs(): number {
    return this.#columns.planned_ms.at(this.#index);
  }
  get startMs(): number | null {
    return orNull(this.#columns.start_ms.at(this.#index));
  }
  get connectedMs(): number | null {
    return orNull(this.#columns.connected_ms.at(this.#index));
  }
  get bodySentMs(): number | null {
    return orNull(this.#columns.body_sent_ms.at(this.#index));
  }
  get firstByteMs(): number | null {
    return orNull(this.#columns.first_byte_ms.at(this.#index));
  }
  get firstContentMs(): number | null {
    return orNull(this.#columns.first_content_ms.at(this.#index));
  }
  get endMs(): number | null {
    return orNull(this.#columns.end_ms.at(this.#index));
  }
  get bytesOut(): number | null {
    return orNull(this.#columns.bytes_out.at(this.#index));
  }
  get bytesIn(): number | null {
    return orNull(this.#columns.bytes_in.at(this.#index));
  }
  get status(): number | null {
    return orNull(this.#columns.status.at(this.#index));
  }
  get outcome(): Outcome {
    return this.#columns.outcome.at(this.#index) as Outcome;
  }
  get errorCode(): string | null {
    return textOrNull(this.#columns.error_code.at(this.#index));
  }
  get route(): string | null {
    return textOrNull(this.#columns.route.at(this.#index));
  }
  get reusedSocket(): boolean | null {
    const text = this.#columns.reused_socket.at(this.#index);
    return text === '' ? null : text === 'true';
  }
  get check(): CheckLevel {
    return this.#columns.check.at(this.#index) as CheckLevel;
  }
  get answerDigest(): string | null {
    return textOrNull(this.#columns.answer_digest.at(this.#index));
  }
  get spokenWords(): number | null {
    return orNull(this.#columns.spoken_words.at(this.#index));
  }
  get wordErrors(): number | null {
    return orNull(this.#columns.word_errors.at(this.#index));
  }
  get events(): number | null {
    return orNull(this.#columns.events.at(this.#index));
  }
  get outputTokens(): number | null {
    return orNull(this.#columns.output_tokens.at(this.#index));
  }
}

/** Collects the rows of `requests.csv`, by column. */
export class RecordTable {
  readonly #columns = emptyColumns();
  readonly records: RequestRecord[] = [];

  add(row: TableRow): void {
    for (const [name, place] of numberPlaces) {
      this.#columns[name].push(row.number(place));
    }
    for (const [name, place] of textPlaces) {
      this.#columns[name].push(row.text(place));
    }
    this.records.push(new StoredRecord(this.#columns, this.records.length));
  }
}
