import type { ReplyHeaders } from '../native/carrier.ts';
import type { ReplyHead } from './internals.ts';

/** What is used of a reply's head. */
export interface ReadHead {
  headers: ReplyHeaders;
  keepsConnection: boolean;
  /** For how long an idle connection is kept, where the server says so. */
  keptForSeconds: number | null;
}

function flatHeaders(list: readonly string[]): ReplyHeaders {
  // Without the words that every object has, such as `constructor`: a server may call a header so.
  const headers = Object.create(null) as Record<string, string>;
  for (let at = 0; at + 1 < list.length; at += 2) {
    const name = (list[at] ?? '').toLowerCase();
    const earlier = headers[name];
    const value = list[at + 1] ?? '';
    headers[name] = earlier === undefined ? value : `${earlier}, ${value}`;
  }
  return headers;
}

function keptForSeconds(keepAlive: string | undefined): number | null {
  const seconds = keepAlive === undefined ? undefined : /timeout=(\d{1,9})/.exec(keepAlive)?.[1];
  return seconds === undefined ? null : Number(seconds);
}

function isSame(list: readonly string[], other: readonly string[]): boolean {
  return list.length === other.length && list.every((text, at) => text === other[at]);
}

/** Reads heads. One server's are alike but for the date, and to compare two is less work than to read one. */
export class HeadReader {
  #list: readonly string[] = [];
  #read: ReadHead | null = null;

  read({ headers: list, shouldKeepAlive }: ReplyHead): ReadHead {
    const last = this.#read;
    if (last !== null && last.keepsConnection === shouldKeepAlive && isSame(list, this.#list)) {
      return last;
    }
    const headers = flatHeaders(list);
    const read = { headers, keepsConnection: shouldKeepAlive, keptForSeconds: keptForSeconds(headers['keep-alive']) };
    this.#list = list;
    this.#read = read;
    return read;
  }
}
