/**
 * The closed set of what became of a planned request (PROTOCOL 5).
 * refused: no connection. reset: the connection broke. closed_early: it ended before the reply was whole.
 * dropped: never sent. cancelled: our client let go because the profile says so.
 * in_flight_at_end: right-censored, `endMs - startMs` is its age.
 */
export const outcomes = [
  'ok',
  'http_error',
  'semantic_error',
  'timeout',
  'refused',
  'reset',
  'closed_early',
  'dropped',
  'cancelled',
  'in_flight_at_end',
] as const;
export type Outcome = (typeof outcomes)[number];

/**
 * How much of the reply could be checked. tokens: the planted code was decoded and compared.
 * words: real speech against its text. answer: the one right result (a program's output, a code word, an image's
 * identity). consistency: only shape, and the same answer for the same clip.
 */
export const checkLevels = ['tokens', 'words', 'answer', 'consistency', 'none'] as const;
export type CheckLevel = (typeof checkLevels)[number];

/** One row of `requests.csv` per planned request. Times are ms since the run began; null = it never happened. */
export interface RequestRecord {
  seq: number;
  stage: string;
  itemId: string;
  slot: number | null;
  /** 1, or more for a retry; `retryOf` is then the number of the first attempt. */
  attempt: number;
  retryOf: number | null;
  plannedMs: number;
  startMs: number | null;
  /** When the connection stood; null on a reused one. */
  connectedMs: number | null;
  bodySentMs: number | null;
  firstByteMs: number | null;
  firstContentMs: number | null;
  endMs: number | null;
  /** null: who recorded it did not say. */
  bytesOut: number | null;
  bytesIn: number | null;
  status: number | null;
  outcome: Outcome;
  errorCode: string | null;
  route: string | null;
  reusedSocket: boolean | null;
  check: CheckLevel;
  /** Short digest of the answer, to compare answers after the run; null without one. */
  answerDigest: string | null;
  /** Words of real speech that the answer was held against, and how many edits it is from them; null without. */
  spokenWords: number | null;
  wordErrors: number | null;
  /** Events of a streamed reply; null for one that was not streamed. */
  events: number | null;
  /** As the server counts them; null where it does not say. */
  outputTokens: number | null;
}

/** Our own engines always know how many bytes went each way. */
export type CountedRecord = RequestRecord & { bytesOut: number; bytesIn: number };

/** A record of its own fields. One that was read back has none, so that `{ ...record }` of it is empty. */
export function copyRecord(record: RequestRecord): RequestRecord {
  return {
    seq: record.seq,
    stage: record.stage,
    itemId: record.itemId,
    slot: record.slot,
    attempt: record.attempt,
    retryOf: record.retryOf,
    plannedMs: record.plannedMs,
    startMs: record.startMs,
    connectedMs: record.connectedMs,
    bodySentMs: record.bodySentMs,
    firstByteMs: record.firstByteMs,
    firstContentMs: record.firstContentMs,
    endMs: record.endMs,
    bytesOut: record.bytesOut,
    bytesIn: record.bytesIn,
    status: record.status,
    outcome: record.outcome,
    errorCode: record.errorCode,
    route: record.route,
    reusedSocket: record.reusedSocket,
    check: record.check,
    answerDigest: record.answerDigest,
    spokenWords: record.spokenWords,
    wordErrors: record.wordErrors,
    events: record.events,
    outputTokens: record.outputTokens,
  };
}
