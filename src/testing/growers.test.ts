import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { footprint } from '../computed/footprint.ts';
import { processes } from '../computed/processes.ts';
import { emptySeries } from '../computed/series.ts';
import { type Footprint, isUnavailable, type RunEvent } from '../model/artifacts.ts';
import type { OpenProbe } from '../model/probe.ts';
import { findTarget } from '../phases/launch/find-target.ts';
import { localHostView } from '../phases/sampler/local-host-view.ts';
import { cgroupMemory } from '../probes/cgroup-memory.ts';
import { processMemory } from '../probes/process-memory.ts';
import { sharedMemory } from '../probes/shared-memory.ts';
import { SampleTableBuilder } from '../store/sample-table.ts';
import { targetFinders } from '../targets/index.ts';

const mib = 1024 ** 2;
const grownMib = 256;
const script = fileURLToPath(new URL('growers/grower.js', import.meta.url));
const hasProc = existsSync('/proc/self/stat');
/** Containers often have one of 64 MiB. */
const hasRoomInShm = existsSync('/dev/shm') && roomBytes('/dev/shm') > 300 * mib;
const hasSwap = hasProc && !/^SwapTotal:\s+0 kB$/m.test(readFileSync('/proc/meminfo', 'utf8'));

function roomBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

interface Grower {
  pid: number;
  tell(command: string): Promise<void>;
  end(): Promise<void>;
}

const running: Grower[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((grower) => grower.end()));
});

async function startGrower(kind: string, mebibytes: number): Promise<Grower> {
  const child = spawn(process.execPath, [script, kind, String(mebibytes)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const grower: Grower = {
    pid: child.pid ?? 0,
    async tell(command) {
      child.stdin.write(`${command}\n`);
      await lines.next();
    },
    async end() {
      child.stdin.end();
      await exited;
    },
  };
  running.push(grower);
  await lines.next();
  return grower;
}

/** The probes of memory on one process tree, and what is computed of their readings. */
async function observe(pid: number): Promise<{ read(): Promise<void>; footprint(): Footprint; events: RunEvent[] }> {
  const address = { url: null, healthPath: '/health', readyPath: null, metricsUrl: null, deviceMonitor: null };
  const target = await findTarget(targetFinders, { by: 'pid', pid }, address, localHostView());
  const probes = await Promise.all([processMemory, cgroupMemory, sharedMemory].map((probe) => probe.open(target)));
  const opened = probes.filter((probe): probe is OpenProbe => !('unavailable' in probe));
  const table = new SampleTableBuilder();
  const events: RunEvent[] = [];
  let tMs = 0;
  return {
    events,
    async read() {
      // Far apart, so that no probe leaves out what it reads seldom, and no answer is still the last one.
      tMs += 11_000;
      for (const probe of opened) {
        const read = await probe.read({ tMs, stage: 'load', stageKind: 'load', quiesced: false });
        for (const sample of read.samples) {
          table.add({ tMs, ...sample });
        }
        events.push(
          ...read.events.map((event) => ({ ...event, tMs, stage: 'load', kind: event.kind as RunEvent['kind'] })),
        );
      }
    },
    footprint() {
      const samples = table.build();
      const found = footprint(samples, [], emptySeries, processes(samples, events));
      if (isUnavailable(found)) {
        throw new Error(found.reason);
      }
      return found;
    },
  };
}

/** Growth in MiB from the first reading to the second, by part. */
function growth({ parts }: Footprint): Record<string, number> {
  return Object.fromEntries(
    parts.map(({ part, series }) => [
      part,
      ((series.values[1] ?? Number.NaN) - (series.values[0] ?? Number.NaN)) / mib,
    ]),
  );
}

const rows = [
  { kind: 'heap', part: 'parent-anon', isPossible: hasProc },
  { kind: 'child', part: 'child-anon', isPossible: hasProc },
  { kind: 'shared-mapping', part: 'shared-mapping', isPossible: hasProc },
  { kind: 'tmpfs', part: 'tmpfs', isPossible: hasProc && hasRoomInShm },
  { kind: 'swap', part: 'swap', isPossible: hasSwap },
];

// A garbage collection of the growing program itself may move a few MiB.
describe('a program that grows one kind of memory by 256 MiB', { retry: 2 }, () => {
  for (const { kind, part, isPossible } of rows) {
    it.skipIf(!isPossible)(
      `shows ${kind} in ${part} and nowhere else (needs /proc; tmpfs 300 MiB of /dev/shm; swap needs swap)`,
      async () => {
        const grower = await startGrower(kind, grownMib);
        const observed = await observe(grower.pid);
        await observed.read();
        await grower.tell('grow');
        await observed.read();
        await grower.tell('release');
        const grown = growth(observed.footprint());
        expect(Math.abs((grown[part] ?? Number.NaN) - grownMib)).toBeLessThanOrEqual(4);
        const others = Object.entries(grown).filter(([name]) => name !== part && name !== 'kernel');
        expect(others.length).toBeGreaterThan(2);
        for (const [name, mebibytes] of others) {
          expect(Math.abs(mebibytes), name).toBeLessThanOrEqual(4);
        }
      },
    );
  }

  it.skipIf(!hasProc)('leaves the memory of an exited child in the event of its end (needs /proc)', async () => {
    const grower = await startGrower('child', grownMib);
    const observed = await observe(grower.pid);
    await observed.read();
    await grower.tell('grow');
    await observed.read();
    await grower.tell('release');
    await observed.read();
    const child = observed.footprint().parts.find(({ part }) => part === 'child-anon')?.series.values ?? [];
    expect(child[2]).toBe(0);
    const gone = observed.events.filter((event) => event.kind === 'process_gone');
    expect(gone).toHaveLength(1);
    const anonBytes = Number(/anon (\d+) bytes/.exec(gone[0]?.detail ?? '')?.[1]);
    expect(anonBytes / mib).toBeGreaterThan(grownMib);
    expect(anonBytes / mib).toBeLessThan(grownMib + 64);
  });

  it.skipIf(!hasProc)(
    'shows a spike of 300 ms and 500 MiB between two readings in the peak (needs /proc)',
    async () => {
      const grower = await startGrower('spike', 500);
      const observed = await observe(grower.pid);
      await observed.read();
      await grower.tell('grow');
      await observed.read();
      await observed.read();
      const { total, peaks } = observed.footprint();
      const aboveMib = [...peaks.values].map((bytes, index) => (bytes - (total.values[index] ?? Number.NaN)) / mib);
      expect((total.values[1] ?? Number.NaN) - (total.values[0] ?? Number.NaN)).toBeLessThan(8 * mib);
      expect(Math.abs((aboveMib[1] ?? Number.NaN) - 500)).toBeLessThanOrEqual(8);
      // Read once, the mark is set back: the next interval has a peak of its own.
      expect(aboveMib[2]).toBeLessThan(8);
    },
  );
});
