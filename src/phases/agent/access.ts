import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { BenchError } from '../../base/errors.ts';
import { isLoopbackAddress, isLoopbackAuthority } from '../../base/loopback.ts';

const shortestToken = 16;

/** Throws USAGE where anybody on the network could use the agent, or guess their way in. */
export function assertGuarded(host: string, token: string | null): void {
  if (isIP(host) === 0) {
    throw new BenchError('USAGE', `--listen "${host}" is not an address.`, {
      hint: 'Name one of this machine, such as 127.0.0.1:9477 or 0.0.0.0:9477.',
    });
  }
  if (token === null && !isLoopbackAddress(host)) {
    throw new BenchError('USAGE', `An agent on ${host} without a token would serve anybody.`, {
      hint: 'Add --token-file FILE, or listen on 127.0.0.1.',
    });
  }
  if (token !== null && token.length < shortestToken) {
    throw new BenchError('USAGE', `The token has ${token.length} characters.`, {
      hint: `Take at least ${shortestToken}, such as: head -c 24 /dev/urandom | base64`,
    });
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

export interface Denied {
  status: 401 | 403;
  message: string;
}

/** null: the request may go on. Digests are compared, so neither content nor length shows in the time. */
export function denied(request: IncomingMessage, token: string | null): Denied | null {
  if (token !== null) {
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    return timingSafeEqual(digest(given), digest(token)) ? null : { status: 401, message: 'wrong or missing token' };
  }
  // Without a token, a page in a browser of this machine could reach us by a name of its own that leads here.
  return isLoopbackAuthority(request.headers.host)
    ? null
    : { status: 403, message: 'the Host header names another machine than this one' };
}
