import { urlToHttpOptions } from 'node:url';
import type { EngineContext } from '../../model/engine.ts';
import { Calls } from './calls.ts';
import type { Carrier } from './carrier.ts';
import { Deadlines } from './deadlines.ts';
import { createDial } from './dial.ts';
import type { Line } from './exchange.ts';
import { Http1 } from './http1.ts';
import { Http2 } from './http2.ts';

function carrierTo({ url, clock, tlsAuthorities }: EngineContext): Carrier {
  const dial = createDial({ url, clock, tlsAuthorities });
  const http1 = new Http1({ dial, clock, url });
  return url.protocol === 'https:' ? new Http2({ dial, clock, url, fallback: http1 }) : http1;
}

function authorization(url: URL): Record<string, string> {
  const { auth } = urlToHttpOptions(url);
  return auth === null || auth === undefined || auth === ''
    ? {}
    : { authorization: `Basic ${Buffer.from(auth).toString('base64')}` };
}

/** How a session reaches its target. */
export function openLine(context: EngineContext): Line {
  const { url, clock, adapter, adapterOptions } = context;
  if (adapter.kind !== 'call') {
    throw new TypeError(`native cannot serve ${adapter.id}`);
  }
  const headers = authorization(url);
  for (const [name, value] of Object.entries(context.headers)) {
    headers[name.toLowerCase()] = value;
  }
  return {
    context,
    adapter,
    carrier: carrierTo(context),
    calls: new Calls({ adapter, adapterOptions, headers, basePath: url.pathname.replace(/\/+$/, '') }),
    deadlines: new Deadlines(clock),
  };
}
