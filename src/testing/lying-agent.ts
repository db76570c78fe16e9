import { createServer } from 'node:http';

export interface LyingAgent {
  url: URL;
  close(): void;
}

/** Opens a session as an agent does, and then streams these lines, whatever they are. */
export async function startLyingAgent(
  lines: readonly string[],
  options: { clock?: unknown; opened?: unknown } = {},
): Promise<LyingAgent> {
  const epochNs = String(process.hrtime.bigint());
  const opened = {
    session: 'abc',
    epochNs,
    view: { description: 'd', notObserved: [], cgroup: { v1Memory: null, v2: null } },
  };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (path.startsWith('/v1/clock')) {
      answer(200, options.clock ?? { monotonicNs: String(process.hrtime.bigint()) });
    } else if (path === '/v1/sessions') {
      answer(201, options.opened ?? opened);
    } else if (path.includes('/stream')) {
      response.writeHead(200);
      response.write(lines.map((line) => `${line}\n`).join(''));
    } else {
      answer(200, { lastSeq: 0, summary: null });
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
