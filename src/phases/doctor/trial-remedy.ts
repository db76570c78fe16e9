/** What a remedy is told by: all that is known of one request and its reply. */
export interface TrialFacts {
  outcome: string;
  errorCode: string | null;
  status: number | null;
  adapter: string;
  path: string;
  model: string;
  /** Of --target; the adapter's path is put behind its own. */
  basePath: string;
  /** A template says what is sent; null: the adapter's own form. */
  template: string | null;
  hasHeaders: boolean;
  timeoutText: string;
  mediaType: string;
  bytesText: string;
  /** The server's own words; null: none that can be read. */
  words: string | null;
  location: string | null;
  /** The reply is a page of HTML. */
  isPage: boolean;
  /** A 2xx whose answer is the empty text. */
  isEmpty: boolean;
  /** A 2xx of which the template reads nothing. */
  isUnread: boolean;
}

const log = 'the log of the server says why';

function elsewhere({ adapter, path, basePath, template }: TrialFacts): string {
  const base = basePath.replace(/\/+$/, '');
  if (base !== '' && path.startsWith(`${base}${base}/`)) {
    return `leave ${base} out of --target: the adapter puts ${path.slice(base.length)} behind it`;
  }
  return template === null
    ? `give the right --path, or another --adapter than ${adapter} (bench list adapters)`
    : `set the right path in ${template}, or give --path`;
}

const isOfModel = (words: string | null): boolean => /\bmodels?\b/i.test(words ?? '');

function ofBadRequest(facts: TrialFacts): string {
  const { words, template, model, adapter } = facts;
  if (/plain HTTP request.*HTTPS/i.test(words ?? '')) {
    return 'write https:// in --target';
  }
  if (isOfModel(words)) {
    return `give the name of its model with --model; "${model}" was sent`;
  }
  return template === null
    ? `change what it names: --model ("${model}" was sent), --corpus, or another --adapter than ${adapter}`
    : `change body or parts in ${template} to what it names`;
}

function ofHttpError(facts: TrialFacts): string {
  const { status, words, hasHeaders, location, mediaType, bytesText } = facts;
  switch (status ?? 0) {
    case 400:
    case 422:
      return ofBadRequest(facts);
    case 401:
    case 403:
      return hasHeaders
        ? 'the server does not take what --header says: check the key and its scheme'
        : "give its key with --header 'Authorization: Bearer KEY', or as BENCH_HEADER in the environment";
    case 404:
      return isOfModel(words) ? ofBadRequest(facts) : elsewhere(facts);
    case 405:
    case 410:
    case 501:
      return elsewhere(facts);
    case 408:
    case 504:
      return 'the server, or the proxy before it, gave up: a first request may load the model, so try again';
    case 413:
      return `give a --corpus of smaller items (bench list corpora), or raise the server's limit: ${bytesText} were sent`;
    case 415:
      return `give a --corpus or an --adapter of another media type; ${mediaType} was sent`;
    case 429:
    case 503:
      return `the server is busy or not ready: wait until it is idle, or look at its log`;
    default:
      break;
  }
  if (status !== null && status >= 300 && status < 400) {
    return `redirects are not followed: name the place behind it with --target or --path${location === null ? '' : ` (${location})`}`;
  }
  return facts.errorCode === 'device_out_of_memory'
    ? 'the accelerator has no room for one request: see who holds its memory, and give the server less to hold'
    : log;
}

/** By the `errorCode` of a connection that did not come to be. */
function ofRefused(code: string): string {
  if (code === 'econnrefused') {
    return 'nothing listens there: start the server, or check the port of --target';
  }
  if (code === 'enotfound' || code === 'eai_again') {
    return 'no such host is known: check the name in --target';
  }
  if (code.includes('ssl') || code === 'eproto') {
    return 'it does not speak TLS: write http:// in --target';
  }
  if (code.includes('cert') || code.includes('signature') || code.includes('issuer')) {
    return 'its certificate is not trusted: name its authority with --ca FILE, or check the name in --target';
  }
  return 'check the address and port of --target, and what stands between';
}

function ofTimeout({ errorCode, timeoutText }: TrialFacts): string {
  switch (errorCode ?? '') {
    case 'while_connecting':
      return 'nobody accepts the connection: check --target, or whether the server is stuck';
    case 'while_sending':
      return `the server does not read what is sent: ${log}`;
    default:
      return `a first request may load the model: try again, or wait longer than ${timeoutText} with --timeout`;
  }
}

function ofWrongAnswer(facts: TrialFacts): string {
  const { errorCode, adapter, template } = facts;
  if (facts.isPage) {
    return `a web page answered: ${elsewhere(facts)}`;
  }
  switch (errorCode ?? '') {
    case 'device_out_of_memory':
      return ofHttpError({ ...facts, status: 500 });
    case 'empty_answer':
    case 'silent_answer':
      return ofEmpty(facts);
    case 'wrong_answer':
    case 'truncated_answer':
    case 'overlong_answer':
      return 'the answer does not fit what was sent: look at it, and at the log of the server';
    default:
      break;
  }
  if (/^(?:not_|no_|unexpected_media_type|reply_too_long|damaged_|short_stream)/.test(errorCode ?? '')) {
    return template === null
      ? `the reply is not of the form of ${adapter}: give another --adapter (bench list adapters), or the right --path`
      : `change reply in ${template} to where the answer stands`;
  }
  return `the server failed behind a status of success: ${log}`;
}

function ofEmpty({ mediaType }: TrialFacts): string {
  return mediaType.startsWith('audio/')
    ? 'the clips are tones, in which a recogniser may hear nothing: --corpus speech-sentences is speech'
    : 'check --model, and whether the answer stands where the adapter reads it';
}

/** The one next thing to do; null: nothing is to be done. */
export function trialRemedy(facts: TrialFacts): string | null {
  switch (facts.outcome) {
    case 'ok':
      return facts.isEmpty
        ? ofEmpty(facts)
        : facts.isUnread
          ? `say in ${facts.template ?? 'the template'} where the answer stands (reply: text:), so that it is checked`
          : null;
    case 'http_error':
      return ofHttpError(facts);
    case 'semantic_error':
      return ofWrongAnswer(facts);
    case 'refused':
      return ofRefused(facts.errorCode ?? '');
    case 'timeout':
      return ofTimeout(facts);
    default:
      return facts.errorCode === 'protocol_error' || facts.errorCode === 'no_response'
        ? `no HTTP came back: check the port, and http:// or https:// in --target; else ${log}`
        : `the server ended the connection: ${log}`;
  }
}
