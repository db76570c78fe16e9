import { connect as connectTcp, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls, createSecureContext, rootCertificates } from 'node:tls';
import { urlToHttpOptions } from 'node:url';
import type { Clock } from '../../base/clock.ts';
import { systemCodeOf } from '../../base/errors.ts';

/** A write that failed while an answer may still wait in the kernel. */
interface WriteBreak {
  error: Error;
  atMs: number;
}

interface DialOptions {
  url: URL;
  /** PEM text beside the authorities that Node knows. */
  tlsAuthorities: string | null;
  clock: Clock;
}

/** Opens one connection; over TLS it offers these protocols. A chunk of its data is to be read or copied at once. */
export type Dial = (protocols: readonly string[]) => Socket;

type WriteDone = (error?: Error | null) => void;

// A server that refuses early answers and closes; its answer has arrived, but our next write fails first.
const answerWaitMs = 250;
// Node gives an address 250 ms and then takes the next; a server with a full accept queue is slower than that.
const addressWaitMs = 5000;
const readBytes = 64 * 1024;
const breaks = new WeakMap<object, WriteBreak>();

export function writeBreakOf(socket: object): WriteBreak | null {
  return breaks.get(socket) ?? null;
}

/** Node destroys a socket as soon as a write fails and loses the answer; the failure is held back meanwhile. */
function holdWriteErrors(socket: Socket, clock: Clock): void {
  const hold =
    (done: WriteDone): WriteDone =>
    (error) => {
      const code = systemCodeOf(error);
      if (error === undefined || error === null || (code !== 'EPIPE' && code !== 'ECONNRESET')) {
        done(error);
        return;
      }
      breaks.set(socket, { error, atMs: clock.nowMs() });
      const timer = setTimeout(release, answerWaitMs);
      socket.once('close', release);
      function release(): void {
        clearTimeout(timer);
        socket.off('close', release);
        done(error);
      }
    };
  const write = socket._write.bind(socket);
  socket._write = (chunk, encoding, done) => write(chunk, encoding, hold(done));
  const writev = socket._writev?.bind(socket);
  if (writev !== undefined) {
    socket._writev = (chunks, done) => writev(chunks, hold(done));
  }
}

/**
 * All sockets read into one buffer, which is handed on before the next of them reads. Node would make one of 64 KiB
 * for each reply, which costs more than to parse it.
 */
function connectPlain(place: TcpNetConnectOpts, buffer: Buffer): Socket {
  const socket = connectTcp({
    ...place,
    onread: {
      buffer,
      callback(bytes) {
        socket.emit('data', buffer.subarray(0, bytes));
        return true;
      },
    },
  });
  return socket;
}

export function createDial({ url, tlsAuthorities, clock }: DialOptions): Dial {
  const { hostname, port } = urlToHttpOptions(url);
  const host = hostname ?? '';
  const isSecure = url.protocol === 'https:';
  const place = {
    host,
    port: Number(port ?? (isSecure ? 443 : 80)),
    noDelay: true,
    autoSelectFamilyAttemptTimeout: addressWaitMs,
  };
  // Made once: reading all authorities takes some 10 ms.
  const secureContext = isSecure
    ? createSecureContext(tlsAuthorities === null ? {} : { ca: [...rootCertificates, tlsAuthorities] })
    : undefined;
  const buffer = Buffer.allocUnsafeSlow(readBytes);
  return (protocols) => {
    const socket =
      secureContext === undefined
        ? connectPlain(place, buffer)
        : connectTls({
            ...place,
            secureContext,
            ALPNProtocols: [...protocols],
            // A name only: an address is no server name (RFC 6066, 3).
            ...(isIP(host) === 0 ? { servername: host } : {}),
          });
    holdWriteErrors(socket, clock);
    return socket;
  };
}
