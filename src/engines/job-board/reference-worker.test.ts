import { describe, expect, it } from 'vitest';
import { jobQueue } from '../../adapters/job-queue.ts';
import { monotonicClock } from '../../base/clock.ts';
import { createRandom } from '../../base/random.ts';
import { imageJpeg } from '../../generators/image-jpeg.ts';
import { defaultServe } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { RequestRecord } from '../../model/record.ts';
import { anyOptions, every, openRows } from '../../testing/contract-rows.ts';
import { isBuilt, withTrialServer } from '../../testing/trials/server.ts';
import { jobBoard } from './job-board.ts';

const reason = isBuilt ? '' : ' (skipped: there is no build; run npm run build)';
const tasks = 24;

function makeItems(): readonly CorpusItem[] {
  const params = { subsampling: '4:4:4', shapes: [{ width: 512, height: 64, bytes: 20_000, share: 1 }] };
  const random = createRandom('job-board');
  return imageJpeg.items(params, { name: 'trial', count: 4, random, place: 'trial', folder: '' });
}

describe.skipIf(!isBuilt)(`the reference server as a pull worker${reason}`, () => {
  it('is told where the jobs are, works them off, and its answers are for the images that it was given', () =>
    withTrialServer(['--services', 'ingest', '--time-scale', '0.02'], null, async (server) => {
      const items = makeItems();
      const records: RequestRecord[] = [];
      const clock = monotonicClock();
      const session = jobBoard.open({
        url: server.url,
        adapter: jobQueue,
        adapterOptions: { ...anyOptions, check: 'tokens', serve: defaultServe },
        headers: {},
        clock,
        tlsAuthorities: null,
        folder: '',
        onRecord: (record) => records.push(record),
      });
      const rows = openRows(every(20, tasks), { timeoutMs: 60_000 });
      const withImages = rows.rows.map((row, index) => ({ ...row, item: items[index % items.length] ?? row.item }));
      const startMs = clock.nowMs();
      await session.runStage({ ...rows, rows: withImages }, startMs, startMs + 20 * tasks);
      await expect.poll(() => session.inFlight(), { timeout: 30_000 }).toBe(0);
      await expect.poll(() => server.metric('headroom_ingest_results_posted_total')).toBe(tasks);
      await session.close();
      expect(session.boardState?.()).toMatchObject({ answered: tasks, duplicates: 0, expired: 0, refused: 0 });
      expect(new Set(records.map(({ outcome, check }) => `${outcome} by ${check}`))).toEqual(new Set(['ok by answer']));
      expect(new Set(records.map(({ bytesOut }) => bytesOut))).toEqual(new Set([20_000]));
      expect((await server.get('/health')).status).toBe(200);
    }));
});
