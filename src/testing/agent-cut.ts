import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { monotonicClock } from '../base/clock.ts';
import { median } from '../base/statistics.ts';
import { startAgentSampler } from '../phases/agent/sampler.ts';
import type { SampleBatch, SamplerEvent, SamplerSummary } from '../phases/sampler/sampler.ts';
import { isAlive } from './fault-suite/programs.ts';
import { onSignals } from './on-signals.ts';

/** Run by npm, so from the root of the repository. */
const agentScript = resolve('dist', 'cli', 'main.js');
const targetScript = resolve('src', 'testing', 'plain-server.js');
const intervalMs = 250;
const beforeMs = 35_000;
const cutMs = 20_000;
const afterMs = 15_000;
/** RFC 2544 keeps 198.18.0.0/15 for trials between networks. */
const [ourAddress, theirAddress] = ['198.18.0.1', '198.18.0.2'];
const port = 9477;

/** Its wire goes with it. */
function removeHost(name: string): void {
  for (const pid of spawnSync('ip', ['netns', 'pids', name]).stdout.toString().split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGTERM');
    } catch {
      // It ended between the two looks.
    }
  }
  execFileSync('ip', ['netns', 'del', name]);
}

/** Of trials that a kill -9 ended. */
function sweepHosts(): void {
  const names = execFileSync('ip', ['netns', 'list'])
    .toString()
    .matchAll(/^headroom-(\d+)\b/gm);
  for (const [name, pid] of [...names].filter(([, owner]) => !isAlive(Number(owner)))) {
    process.stderr.write(`taken away: ${name}, whose process ${pid} no longer lives\n`);
    removeHost(name);
  }
}

/** A namespace with a wire to ours, and what runs in it; all of it is taken away again. */
function openOtherHost(): {
  node(args: readonly string[]): Promise<string>;
  setLink(to: 'up' | 'down'): void;
  close(): void;
} {
  const name = `headroom-${process.pid}`;
  const ours = `hr${process.pid}`;
  const ip = (...args: string[]): void => {
    execFileSync('ip', args);
  };
  ip('netns', 'add', name);
  const children: ReturnType<typeof spawn>[] = [];
  ip('link', 'add', ours, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  ip('addr', 'add', `${ourAddress}/30`, 'dev', ours);
  ip('link', 'set', ours, 'up');
  ip('-n', name, 'addr', 'add', `${theirAddress}/30`, 'dev', 'eth0');
  ip('-n', name, 'link', 'set', 'eth0', 'up');
  ip('-n', name, 'link', 'set', 'lo', 'up');
  return {
    /** Resolves with the first line that it prints. `nsenter` keeps the cgroup mounts, which `ip netns exec` hides. */
    node(args) {
      const command = [`--net=/run/netns/${name}`, process.execPath, ...args];
      const child = spawn('nsenter', command, { stdio: ['ignore', 'pipe', 'inherit'] });
      children.push(child);
      return new Promise((onLine, onEnd) => {
        createInterface({ input: child.stdout }).once('line', onLine);
        child.once('exit', (code) => onEnd(new Error(`${args[0]} ended with exit code ${code}`)));
      });
    },
    setLink: (to) => ip('link', 'set', ours, to),
    close() {
      for (const child of children) {
        child.kill('SIGTERM');
      }
      removeHost(name);
    },
  };
}

interface Row {
  what: string;
  measured: string;
  mustBe: string;
  isMet: boolean;
}

interface Heard {
  batches: { batch: SampleBatch; arrivedMs: number }[];
  events: SamplerEvent[];
  lost: string[];
  summary: SamplerSummary | null;
}

function rowsOf({ batches, events, lost, summary }: Heard): Row[] {
  const times = batches.map(({ batch }) => batch.tMs);
  const steps = times.slice(1).map((tMs, index) => tMs - (times[index] ?? 0));
  const ages = batches.map(({ batch, arrivedMs }) => arrivedMs - batch.tMs);
  const late = ages.filter((ageMs) => ageMs > intervalMs).length;
  const gaps = events.filter(({ subject }) => subject === 'agent');
  const clock = summary?.clock ?? null;
  const offEndMs = Math.abs((clock?.offsetMs ?? Number.NaN) + ((clock?.driftPpm ?? 0) / 1e6) * (times.at(-1) ?? 0));
  const taken = summary === null ? Number.NaN : summary.expectedSamples - summary.missedSamples;
  const ms = (value: number | null | undefined): string => `${(value ?? Number.NaN).toFixed(3)} ms`;
  return [
    {
      what: 'batches taken',
      measured: String(taken),
      mustBe: `>= ${(0.95 * (beforeMs + cutMs + afterMs)) / intervalMs}`,
      isMet: taken >= (0.95 * (beforeMs + cutMs + afterMs)) / intervalMs,
    },
    {
      what: 'batches arrived',
      measured: String(batches.length),
      mustBe: 'all that were taken',
      isMet: batches.length === taken,
    },
    {
      what: 'batches kept through the cut',
      measured: String(late),
      mustBe: `about ${cutMs / intervalMs}`,
      isMet: late >= (0.8 * cutMs) / intervalMs,
    },
    {
      what: 'longest step between samples',
      measured: ms(Math.max(...steps)),
      mustBe: `< ${2 * intervalMs} ms`,
      isMet: Math.max(...steps) < 2 * intervalMs,
    },
    {
      what: 'shortest step between samples',
      measured: ms(Math.min(...steps)),
      mustBe: '> 0',
      isMet: Math.min(...steps) > 0,
    },
    {
      what: 'gap events',
      measured: gaps.map(({ detail }) => detail).join(' | '),
      mustBe: 'one',
      isMet: gaps.length === 1,
    },
    { what: 'sampler lost', measured: lost.join(' | ') || 'no', mustBe: 'no', isMet: lost.length === 0 },
    {
      what: 'offset of the clocks at the start (true: 0)',
      measured: ms(clock?.offsetMs),
      mustBe: 'within 20 ms',
      isMet: Math.abs(clock?.offsetMs ?? Number.NaN) <= 20,
    },
    {
      what: 'offset of the clocks at the end (true: 0)',
      measured: ms(offEndMs),
      mustBe: 'within 20 ms',
      isMet: offEndMs <= 20,
    },
    {
      what: 'drift of the clocks (true: 0)',
      measured: `${clock?.driftPpm.toFixed(2)} ppm`,
      mustBe: 'within 100 ppm',
      isMet: Math.abs(clock?.driftPpm ?? Number.NaN) <= 100,
    },
    {
      what: 'half of the shortest round trip',
      measured: ms(clock?.uncertaintyMs),
      mustBe: 'within 20 ms',
      isMet: (clock?.uncertaintyMs ?? Number.NaN) <= 20,
    },
    {
      what: 'time from sample to arrival, least and median',
      measured: `${ms(Math.min(...ages))}, ${ms(median(ages))}`,
      mustBe: '> -20 ms',
      isMet: Math.min(...ages) > -20,
    },
  ];
}

async function trial(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-agent-'));
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'a-token-for-one-trial-only\n');
  sweepHosts();
  const other = openOtherHost();
  const tidy = (): void => {
    other.close();
    rmSync(folder, { recursive: true });
  };
  const release = onSignals(tidy);
  try {
    const targetPort = await other.node([targetScript]);
    await other.node([agentScript, 'agent', '--listen', `${theirAddress}:${port}`, '--token-file', tokenFile]);
    const clock = monotonicClock();
    const heard: Heard = { batches: [], events: [], lost: [], summary: null };
    const order = {
      observe: { by: 'listening-socket' } as const,
      address: {
        url: `http://127.0.0.1:${targetPort}`,
        healthPath: '/health',
        readyPath: null,
        metricsUrl: null,
        deviceMonitor: null,
      },
      intervalMs,
      skipProbes: [],
    };
    const token = readFileSync(tokenFile, 'utf8').trim();
    const agent = { url: new URL(`http://${theirAddress}:${port}`), token, ca: null };
    const sampler = await startAgentSampler(
      { agent, clock, order },
      {
        onBatch: (batch) => heard.batches.push({ batch, arrivedMs: clock.nowMs() }),
        onEvent: (event) => heard.events.push(event),
        onLost: (reason) => heard.lost.push(reason),
      },
    );
    process.stderr.write(`sampling ${sampler.description}\n`);
    const startedMs = clock.nowMs();
    await clock.sleepUntil(startedMs + beforeMs);
    process.stderr.write(`cut at ${(clock.nowMs() / 1000).toFixed(1)} s\n`);
    other.setLink('down');
    await clock.sleepUntil(startedMs + beforeMs + cutMs);
    other.setLink('up');
    process.stderr.write(`mended at ${(clock.nowMs() / 1000).toFixed(1)} s\n`);
    await clock.sleepUntil(startedMs + beforeMs + cutMs + afterMs);
    heard.summary = await sampler.stop();
    return rowsOf(heard);
  } finally {
    release();
    tidy();
  }
}

function missing(): string | null {
  if (process.getuid?.() !== 0 || spawnSync('ip', ['netns', 'list']).status !== 0) {
    return 'it needs root, and ip of iproute2';
  }
  return existsSync(agentScript) ? null : 'there is no build; run npm run build';
}

/** The link between an agent and its run is cut for 20 s. Exit 1 if anything is lost, or the clocks disagree. */
async function main(): Promise<number> {
  const why = missing();
  if (why !== null) {
    process.stderr.write(`The trial was left out: ${why}.\n`);
    return 0;
  }
  const rows = await trial();
  const width = Math.max(...rows.map(({ what }) => what.length));
  for (const { what, measured, mustBe, isMet } of rows) {
    process.stdout.write(`${what.padEnd(width)}  ${measured}  (${mustBe}) ${isMet ? 'ok' : 'NOT MET'}\n`);
  }
  return rows.every(({ isMet }) => isMet) ? 0 : 1;
}

process.exitCode = await main();
