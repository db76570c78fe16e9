// Sends 100 rows to the server that it is given, and writes their records as JSON.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findById } from '../../base/by-id.ts';
import { monotonicClock } from '../../base/clock.ts';
import { engines } from '../../engines/index.ts';
import type { RequestRecord } from '../../model/record.ts';
import { anyOptions, every, openRows, rawAdapter } from '../contract-rows.ts';

const [engineId = '', url = ''] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'headroom-few-'));
const records: RequestRecord[] = [];
const clock = monotonicClock();
const session = findById('engine', engines, engineId).open({
  url: new URL(url),
  adapter: rawAdapter,
  adapterOptions: anyOptions,
  headers: {},
  clock,
  tlsAuthorities: null,
  folder,
  onRecord: (record) => records.push(record),
});
const startMs = clock.nowMs();
await session.runStage(openRows(every(5, 100), { timeoutMs: 800 }), startMs, startMs + 500);
while (session.inFlight() > 0) {
  await clock.sleepUntil(clock.nowMs() + 10);
}
await session.close();
rmSync(folder, { recursive: true });
process.stdout.write(JSON.stringify(records));
