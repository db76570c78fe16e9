import { connect, createServer, type Socket } from 'node:net';

/** A wire between a client and a port that can be cut as a cable is: nobody is told. */
export interface CuttableLink {
  url: URL;
  /** How many connections were begun, also while it is cut. */
  connections(): number;
  /** From now on no byte passes, and no connection is answered. */
  cut(): void;
  /** New connections pass again; those of before stay dead. */
  mend(): void;
  close(): void;
}

export async function openCuttableLink(target: URL): Promise<CuttableLink> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let connections = 0;
  const server = createServer((near) => {
    connections += 1;
    const far = connect({ host: target.hostname, port: Number(target.port) });
    const wire = { isDead: isCut };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => {
        wire.isDead ||= isCut;
        if (!wire.isDead) {
          to.write(bytes);
        }
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    connections: () => connections,
    cut() {
      isCut = true;
    },
    mend() {
      isCut = false;
    },
    close() {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
    },
  };
}
