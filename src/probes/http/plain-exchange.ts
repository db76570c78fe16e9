import net from 'node:net';
import { createResponseReader } from './response-reader.ts';

/** What an exchange tells. `end` or `error` comes once, `close` last of all. */
export interface ExchangeHandlers {
  status(code: number): void;
  data(bytes: Buffer): void;
  end(): void;
  error(): void;
  close(): void;
}

/** One request under way, on a connection of its own. */
export interface Exchange {
  destroy(): void;
}

const defaultPort = 80;
/** What has been read is copied out before the next socket reads, so all share one. */
const shared = Buffer.allocUnsafe(64 * 1024);

function requestText(url: URL): string {
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const authorization =
    url.username === '' && url.password === ''
      ? ''
      : `Authorization: Basic ${Buffer.from(credentials).toString('base64')}\r\n`;
  return `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n${authorization}Connection: close\r\n\r\n`;
}

/**
 * One GET over a connection of its own. Node's client takes several times as long for so short an exchange, and
 * the sampler asks at every tick.
 */
export function plainExchange(url: URL, handlers: ExchangeHandlers): Exchange {
  let isOver = false;
  const finish = (how: 'end' | 'error'): void => {
    if (!isOver) {
      isOver = true;
      handlers[how]();
    }
  };
  const reader = createResponseReader(handlers);
  const read = (length: number): boolean => {
    if (!isOver && reader.read(shared.subarray(0, length)) !== 'unfinished') {
      finish(reader.state === 'whole' ? 'end' : 'error');
      // All is said and read: shutting down before closing would be a second call and a second turn of the loop.
      socket.destroy();
    }
    return true;
  };
  const socket = net.connect({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
    onread: { buffer: shared, callback: read },
  });
  socket.on('error', () => {
    finish('error');
  });
  socket.on('close', () => {
    finish(reader.state === 'until close' ? 'end' : 'error');
    handlers.close();
  });
  socket.write(requestText(url));
  return {
    destroy() {
      socket.destroy();
    },
  };
}
