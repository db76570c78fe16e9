import { sha256Hex } from '../../base/digest.ts';
import { maskAddresses } from '../../base/secret-text.ts';
import { formatBytes, formatDuration } from '../../base/units.ts';
import type { AdapterOptions, CallAdapter } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { CheckLevel, Outcome } from '../../model/record.ts';
import { isBinary, isPage, secretsOf, serverWords, shownText } from './reply-text.ts';
import type { DoctorRow, DoctorState } from './row.ts';
import type { Trial } from './trial.ts';
import { trialRemedy } from './trial-remedy.ts';

/** What was asked for. */
export interface TrialRequest {
  url: URL;
  adapter: CallAdapter;
  adapterOptions: AdapterOptions;
  item: CorpusItem;
  corpus: string;
  timeoutMs: number;
  /** Of --header; no value of them is shown. */
  headers: Readonly<Record<string, string>>;
}

/** One request as JSON has it. Times and status are null where it did not come so far. */
export interface TrialAccount {
  method: string;
  path: string;
  adapter: string;
  corpus: string;
  itemId: string;
  bytes: number;
  status: number | null;
  outcome: Outcome;
  errorCode: string | null;
  tookMs: number | null;
  check: CheckLevel;
  /** The server's own words where its status is an error; null: it has none that can be read. */
  words: string | null;
  /** What the check of the answer said; null: there was no answer to check. */
  checkSaid: string | null;
  /** The first 200 characters of the reply without control characters; null: nothing came. */
  reply: string | null;
  remedy: string | null;
}

const emptyDigest = sha256Hex('').slice(0, 16);

const checkWords: Readonly<Record<CheckLevel, string>> = {
  tokens: 'the planted code came back word for word',
  words: 'the words are those that were spoken',
  answer: 'it is the one right answer',
  consistency: 'its form is right; whether its content is, cannot be told',
  none: 'nothing of it was checked',
};

function saidOf({ record, check }: Trial): string | null {
  if (check === null) {
    return record.errorCode === 'judge_failed' ? 'the check itself failed' : null;
  }
  if (!check.ok) {
    return `${record.errorCode ?? check.code}: ${check.detail}`;
  }
  if (record.answerDigest === emptyDigest) {
    return 'the answer is empty';
  }
  const { words } = check;
  return words === undefined
    ? checkWords[check.check]
    : `${words.errors} of ${words.spoken} spoken words are wrong or missing`;
}

function replyOf({ record, body, headers }: Trial, secrets: readonly string[]): string | null {
  if (record.status === null) {
    return null;
  }
  const type = headers['content-type'] ?? '';
  return isBinary(type, body)
    ? `${formatBytes(record.bytesIn)} of ${type === '' ? 'bytes that are no text' : shownText(type, secrets)}`
    : shownText(body.toString('utf8'), secrets);
}

/** What one request came to, and the one next thing to do. */
export function trialAccount(request: TrialRequest, trial: Trial): TrialAccount {
  const { url, adapter, adapterOptions, item, headers } = request;
  const { record } = trial;
  const wire = adapter.request(item, adapterOptions);
  const path = `${url.pathname.replace(/\/+$/, '')}${wire.path}`;
  const secrets = secretsOf(url, headers);
  const body = trial.body.toString('utf8');
  const words = record.outcome === 'http_error' ? maskedOrNull(serverWords(body), secrets) : null;
  const isWhole = record.outcome === 'ok';
  const bytes = record.bytesOut === null || record.bytesOut === 0 ? item.bytes : record.bytesOut;
  return {
    method: wire.method,
    path: maskAddresses(path),
    adapter: adapter.id,
    corpus: request.corpus,
    itemId: item.id,
    bytes,
    status: record.status,
    outcome: record.outcome,
    // A server may name its failure as it likes.
    errorCode: maskedOrNull(record.errorCode, secrets),
    tookMs: record.endMs === null || record.startMs === null ? null : record.endMs - record.startMs,
    words,
    check: record.check,
    checkSaid: maskedOrNull(saidOf(trial), secrets),
    reply: replyOf(trial, secrets),
    remedy: trialRemedy({
      outcome: record.outcome,
      errorCode: record.errorCode,
      status: record.status,
      adapter: adapter.id,
      path: maskAddresses(path),
      basePath: url.pathname,
      model: adapterOptions.model,
      template: adapterOptions.template?.fileName ?? null,
      hasHeaders: Object.keys(headers).length > 0,
      timeoutText: formatDuration(request.timeoutMs),
      mediaType: item.mediaType,
      bytesText: formatBytes(bytes),
      words,
      isPage: isPage(trial.headers['content-type'] ?? '', body),
      location: maskedOrNull(trial.headers['location'] ?? null, secrets),
      isEmpty: isWhole && record.answerDigest === emptyDigest,
      isUnread: isWhole && adapterOptions.template !== null && record.answerDigest === null,
    }),
  };
}

const maskedOrNull = (text: string | null, secrets: readonly string[]): string | null =>
  text === null ? null : shownText(text, secrets);

/** The account as rows of the table; the remedy stands once, at what it mends. */
export function trialRows(account: TrialAccount): readonly DoctorRow[] {
  const { outcome, errorCode, remedy, checkSaid, reply } = account;
  const isOk = outcome === 'ok';
  const row = (what: string, state: DoctorState, found: string, next: string | null = null): DoctorRow => ({
    group: 'trial',
    what,
    state,
    found,
    remedy: next,
  });
  const code = errorCode === null || errorCode === `http_${account.status}` ? '' : ` (${errorCode})`;
  const status = account.status === null ? '' : `${account.status}, `;
  const isUnsure = isOk && remedy !== null;
  return [
    row(
      'request',
      'yes',
      `${account.method} ${account.path}: ${account.itemId}, ${formatBytes(account.bytes)}, as ${account.adapter}`,
    ),
    row(
      'outcome',
      isOk ? 'yes' : 'no',
      `${status}${outcome}${code} after ${formatDuration(account.tookMs)}${account.words === null ? '' : `; it says: ${account.words}`}`,
      isUnsure ? null : remedy,
    ),
    ...(checkSaid === null
      ? []
      : [row('check', isUnsure ? 'partly' : isOk ? 'yes' : 'no', checkSaid, isUnsure ? remedy : null)]),
    ...(reply === null ? [] : [row('reply', reply === '' ? 'absent' : 'yes', reply === '' ? 'no body' : reply)]),
  ];
}
