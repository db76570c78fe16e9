import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError, messageOf, systemCodeOf } from '../base/errors.ts';
import { openDevice } from './device/open-device.ts';
import { createFront, listen } from './front.ts';
import type { FrontState } from './front-state.ts';
import { createCounter } from './metrics.ts';
import { listAskedFor, parseOptions, type ServerOptions } from './options.ts';
import type { Service } from './service.ts';
import { openSpool } from './spool.ts';

/** The kernel's bound on the path of a unix socket. */
const maxSocketPathBytes = 107;

/** Grace for workers at the end; the whole ending has two seconds. */
const stopGraceMs = 800;

const minimumTickMs = 50;

function log(line: string): void {
  process.stderr.write(`ref-front: ${line}\n`);
}

async function makeFolder(): Promise<{ folder: string; socketPath: string }> {
  const folder = await mkdtemp(join(tmpdir(), `ref-${process.pid}-`));
  const socketPath = join(folder, 'ledger.sock');
  if (Buffer.byteLength(socketPath) > maxSocketPathBytes) {
    await rm(folder, { recursive: true, force: true });
    throw new BenchError('TARGET_FAILED_TO_START', `The socket path ${socketPath} is too long for the kernel.`, {
      hint: `Set TMPDIR to a shorter folder (at most ${maxSocketPathBytes} bytes in all).`,
    });
  }
  return { folder, socketPath };
}

async function start(options: ServerOptions): Promise<void> {
  const { values } = options;
  const { folder, socketPath } = await makeFolder();
  const endings: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  let isEnding = false;
  const end = (exitCode: number): void => {
    if (isEnding) {
      return;
    }
    isEnding = true;
    void (async () => {
      for (const ending of endings.reverse()) {
        await ending().catch((error: unknown) => log(messageOf(error)));
      }
      process.exit(exitCode);
    })();
  };
  process.on('SIGTERM', () => end(0));
  process.on('SIGINT', () => end(0));
  if (options.endsWithParent) {
    process.stdin.on('close', () => end(0)).resume();
  }
  try {
    const spool = await openSpool(join(folder, 'spool'));
    const contextBytes = values.mib('context-mib');
    const { device: choice, vramBytes } = options;
    const teardownMs = values.scaledMs('teardown-s');
    const device = await openDevice({ choice, vramBytes, contextBytes, teardownMs, socketPath }, (how) => {
      log(`the device is lost: ${how}`);
      end(1);
    });
    endings.push(() => device.stop());
    const services: Service[] = [];
    for (const kind of options.services) {
      const service = await kind.start({ values, device, spool, log });
      endings.push(() => service.stop(stopGraceMs));
      services.push(service);
    }
    const state: FrontState = { services, device, spool, requests: createCounter() };
    const server = createFront(state);
    const port = await listen(server, options.host, options.port);
    endings.push(async () => {
      server.close();
      server.closeAllConnections();
    });
    const manageAll = (): void => {
      for (const service of services) {
        service.manage();
      }
    };
    const ticking = setInterval(
      () => void device.refresh().then(manageAll),
      Math.max(minimumTickMs, values.scaledMs('manager-s')),
    );
    endings.push(async () => clearInterval(ticking));
    const line = {
      listening: { host: options.host, port },
      pid: process.pid,
      device: {
        kind: device.kind,
        why: device.why,
        monitor: device.access.kind === 'virtual' ? device.access.socketPath : null,
      },
      services: options.services.map(({ id }) => id),
      fault: options.fault?.id ?? null,
      fixes: options.fixes,
      // With one, a probe may be refused for ever, so whoever starts us must not wait for a 200.
      hasConnectionLimit: services.some(({ connectionLimit }) => connectionLimit !== null),
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  } catch (error) {
    report(listenError(error, options));
    end(process.exitCode === undefined ? 70 : Number(process.exitCode));
  }
}

function listenError(error: unknown, options: ServerOptions): unknown {
  const code = systemCodeOf(error);
  if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    const place = `${options.host}:${options.port}`;
    return new BenchError('TARGET_FAILED_TO_START', `Cannot listen on ${place}: ${code}.`, {
      hint: 'Take --port 0 for any free port.',
      cause: error,
    });
  }
  return error;
}

/** One line for what a user can mend, a stack for our own fault. */
function report(error: unknown): void {
  if (error instanceof BenchError) {
    process.stderr.write(`${error.message}${error.hint === null ? '' : ` ${error.hint}`}\n`);
    process.exitCode = error.exitCode;
    return;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 70;
}

process.title = 'ref-front';
try {
  const argv = process.argv.slice(2);
  const list = listAskedFor(argv);
  if (list !== null) {
    process.stdout.write(`${list}\n`);
  } else {
    await start(parseOptions(argv));
  }
} catch (error) {
  report(error);
}
