import { readFileSync } from 'node:fs';
import type { FaultTrial } from './trial.ts';

const floodS = 4;
/** Goes on where a busy machine took less in that time, so that the number does not follow its other work. */
const leastFloodBytes = 800 * 1024 ** 2;
/** The flood stops here in any case: below the limit, which the front is to outgrow in no trial. */
const mostFloodBytes = 1800 * 1024 ** 2;

/** Lines of 64 KiB for four seconds and more. */
const code = `import sys, time
line = "x" * 65535 + "\\n"
end = time.monotonic() + ${floodS}
written = 0
while written < ${leastFloodBytes} or (written < ${mostFloodBytes} and time.monotonic() < end):
    sys.stdout.write(line)
    written += len(line)
`;

/** The kernel's own high-water mark of resident bytes, so that no peak falls between two looks. */
function peakBytesOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

export const stdoutBufferTrial: FaultTrial = {
  fault: 'stdout-buffer',
  measures: 'peak of the front while one program floods its output for 4 s or more',
  unit: 'bytes',
  memoryLimitBytes: 2560 * 1024 ** 2,
  args: ['--device', 'virtual'],
  cases: [
    { fixes: [], expected: { least: 600 * 1024 ** 2 } },
    { fixes: ['stdout-cap'], expected: { most: 200 * 1024 ** 2 } },
    { fixes: ['exec-slots'], expected: { least: 600 * 1024 ** 2 } },
  ],
  async measure(server) {
    const reply = await server.post('/execute', 'application/json', Buffer.from(JSON.stringify({ code, timeout: 30 })));
    if (reply.status !== 200) {
      throw new Error(`the flood was answered ${reply.status}: ${reply.body.slice(0, 200)}`);
    }
    return peakBytesOf(server.pid);
  },
};
