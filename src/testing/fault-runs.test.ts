import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canLimitMemory, isBuilt, missesOfRun, nameOf, realRuns, resultOf } from './fault-runs/real-runs.ts';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-faults-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const limitsMemory = isBuilt && (await canLimitMemory());

// One after the other, since each is about memory that all share; a busy machine gets a second try.
describe.skipIf(!isBuilt || process.platform !== 'linux')('a fault on the real server (needs Linux and dist/)', () => {
  for (const run of realRuns) {
    const title = `${nameOf(run)} shows what its data expect`;
    const isSkipped = run.limitMib !== null && !limitsMemory;
    it.skipIf(isSkipped)(
      isSkipped ? `${title} (needs a writable memory cgroup)` : title,
      { timeout: 130_000, retry: 1 },
      async () => {
        const result = await resultOf(run, scratch, null);
        expect(result.runtimeErrors).toEqual([]);
        expect(missesOfRun(run, result)).toEqual([]);
      },
    );
  }
});
