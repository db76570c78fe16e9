import type { FaultTrial, TrialReply, TrialServer } from './trial.ts';

const programBytes = 450e6;
const programs = 3;
const holdS = 6;
/** Apart, so that each connection is counted before the next: as in the incident they overlap for seconds. */
const betweenMs = 250;

/** Writes every page, holds them, and reads them again. */
const code = `import time
block = bytearray(${programBytes})
for page in range(0, len(block), 4096):
    block[page] = 1
time.sleep(${holdS})
print(sum(block[::4096]))
`;

function execute(server: TrialServer): Promise<TrialReply> {
  return server.post('/execute', 'application/json', Buffer.from(JSON.stringify({ code, timeout: 30 })));
}

function isDone(reply: TrialReply): boolean {
  return reply.status === 200 && (JSON.parse(reply.body) as { exit_code: unknown }).exit_code === 0;
}

/** The kernel's own count where there is a group, and what the replies say where there is none. */
function killsOf(server: TrialServer, replies: readonly TrialReply[]): number {
  const told = replies.filter(
    ({ status, body }) => status === 200 && (JSON.parse(body) as { exit_code: unknown }).exit_code === -9,
  );
  return Math.max(server.kills() ?? 0, told.length);
}

export const unboundedConcurrencyTrial: FaultTrial = {
  fault: 'unbounded-concurrency',
  measures: 'OOM kills at three programs of 450 MB',
  unit: 'count',
  memoryLimitBytes: 704 * 1024 ** 2,
  args: ['--device', 'virtual'],
  cases: [
    { fixes: [], expected: { least: 2 } },
    { fixes: ['exec-slots'], expected: { most: 0 } },
    { fixes: ['limit-concurrency-3'], expected: { least: 1 } },
  ],
  async measure(server) {
    // Alone it fits: a server that kills this one is broken in another way.
    const alone = await execute(server);
    if (!isDone(alone)) {
      throw new Error(`one program alone was answered ${alone.status}: ${alone.body.slice(0, 200)}`);
    }
    const before = killsOf(server, []);
    const replies = await Promise.all(
      Array.from({ length: programs }, async (_, index) => {
        await new Promise((resolve) => setTimeout(resolve, index * betweenMs));
        return execute(server);
      }),
    );
    if (!replies.some(isDone)) {
      throw new Error('of three programs not one came to its end');
    }
    const health = await server.get('/health');
    if (health.status !== 200) {
      throw new Error(`health was answered ${health.status} after the programs`);
    }
    return killsOf(server, replies) - before;
  },
};
