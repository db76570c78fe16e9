import { connect } from 'node:net';
import { BenchError, systemCodeOf } from '../../base/errors.ts';
import { portOf } from './locality.ts';

/** Throws TARGET_UNREACHABLE unless a connection can be made in time; no byte is sent. */
export async function assertReachable(url: URL, timeoutMs: number = 2500): Promise<void> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host, port: portOf(url) });
    const timer = setTimeout(() => {
      fail(`did not answer within ${timeoutMs} ms`, undefined);
    }, timeoutMs);
    const fail = (why: string, cause: unknown): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(
        new BenchError('TARGET_UNREACHABLE', `No connection to ${url.origin}: it ${why}.`, {
          hint: 'Start the server, or check the address and port of --target.',
          cause,
        }),
      );
    };
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.destroy();
      resolve();
    });
    socket.once('error', (error) => {
      fail(
        systemCodeOf(error) === 'ECONNREFUSED' ? 'refused' : `failed with ${systemCodeOf(error) ?? error.message}`,
        error,
      );
    });
  });
}
