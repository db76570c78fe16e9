import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { TableRow } from './table.ts';

/**
 * Common and combined log format (Apache mod_log_config; nginx ngx_http_log_module): host, identity, user, time,
 * request, status, bytes of the reply, and whatever the operator added. A time is short and holds no bracket: without
 * these bounds a line of many brackets, which a client can bring about, takes time with the square of its length.
 */
const logLine = /^\S+ \S+ .*?\[[^[\]]{1,64}\] "((?:[^"\\]|\\.)*)" \d{3} (\d+|-)(.*)$/;
/** Requests without a body are nothing to send. */
const sending = new Set(['POST', 'PUT', 'PATCH']);

export function isAccessLog(line: string): boolean {
  return logLine.test(line);
}

/**
 * The length of the request: named, or the first whole number behind the last quoted field, where mod_logio's
 * combinedio and the usual nginx formats with `$request_length` have it.
 */
function requestLengthOf(added: string): string | null {
  const named = /\brequest_length"?[=:]\s*"?(\d+)/.exec(added)?.[1];
  if (named !== undefined) {
    return named;
  }
  return /(?:^|\s)(\d+)(?=\s|$)/.exec(added.slice(added.lastIndexOf('"') + 1))?.[1] ?? null;
}

export interface LogFields {
  method: string | null;
  fields: Record<string, string>;
}

/** null: the line has another form. */
export function plainFields(line: string): LogFields | null {
  const match = logLine.exec(line);
  if (match === null) {
    return null;
  }
  const [, request = '', replyBytes = '', added = ''] = match;
  const requestLength = requestLengthOf(added);
  return {
    method: request.split(' ')[0] ?? null,
    fields: {
      ...(requestLength === null ? {} : { request_length: requestLength }),
      body_bytes_sent: replyBytes,
    },
  };
}

function flatten(value: unknown, prefix: string, into: Record<string, string>): void {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    for (const [key, held] of Object.entries(value)) {
      flatten(held, prefix === '' ? key : `${prefix}.${key}`, into);
    }
  } else if (typeof value === 'number' || typeof value === 'string') {
    into[prefix] = String(value);
  }
}

const methodField = /(^|\.|_)method$/i;

/** One level of names, joined by dots; null: the line is no JSON. */
export function jsonFields(line: string): LogFields | null {
  const fields: Record<string, string> = {};
  try {
    flatten(JSON.parse(line), '', fields);
  } catch {
    return null;
  }
  const named = Object.entries(fields).find(([name]) => methodField.test(name))?.[1];
  const method = named ?? /^([A-Z]+) \S+ HTTP/.exec(fields['request'] ?? '')?.[1] ?? null;
  return { method, fields };
}

/** The requests of a log, and what was left out of it. */
export class LogLines {
  readonly #path: string;
  readonly #parse: (line: string) => LogFields | null;
  #foreign = 0;
  #firstForeign = 0;
  #bodiless = 0;

  constructor(path: string, parse: (line: string) => LogFields | null) {
    this.#path = path;
    this.#parse = parse;
  }

  /** One row for each request that sends something. A log that still grows may end in a torn line. */
  async *rows(): AsyncGenerator<TableRow> {
    let line = 0;
    for await (const text of createInterface({
      input: createReadStream(this.#path),
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      line += 1;
      if (text.trim() === '') {
        continue;
      }
      const found = this.#parse(text);
      if (found === null) {
        this.#foreign += 1;
        this.#firstForeign ||= line;
      } else if (found.method !== null && !sending.has(found.method)) {
        this.#bodiless += 1;
      } else {
        yield { line, fields: found.fields };
      }
    }
  }

  notes(): string[] {
    const bodiless = this.#bodiless;
    const foreign = this.#foreign;
    return [
      ...(bodiless === 0 ? [] : [`Requests that are neither POST, PUT nor PATCH, left out: ${bodiless}.`]),
      ...(foreign === 0
        ? []
        : [`Lines of another form, passed over: ${foreign}; the first is line ${this.#firstForeign}.`]),
    ];
  }
}
