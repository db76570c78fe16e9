import type { BodyPlace } from './bodies.ts';
import type { ScenarioOptions } from './scenario.ts';

/** A stage as the script knows it. */
export interface ScriptStage {
  /** The name of its scenario; k6 allows letters, digits, dash and underscore. */
  key: string;
  options: ScenarioOptions;
  timeoutMs: number;
  thinkMs: number;
  /** VUs of a closed stage go on by themselves, and wait before they do. */
  isClosed: boolean;
  /** Whose count finds the row: that of all VUs together, or the VU's own. */
  take: 'counter' | 'slot';
  rowsPerSlot: number;
  /** Of each VU, ms since the start of the scenario; null: as long as the scenario lasts. */
  windows: readonly (readonly [number, number])[] | null;
  /** How many rows it has, and where they begin in the file of rows and bodies. */
  count: number;
  rowsAt: number;
}

export interface ScriptPlan {
  planHash: string;
  /** Without credentials and without a slash at its end. */
  baseUrl: string;
  stages: readonly ScriptStage[];
  places: readonly BodyPlace[];
}

/** So much of a reply is handed back to be judged. */
export const keptReplyBytes = 64 * 1024;
/** How long a VU that found no connection waits, counted from its try, as in every engine. */
const backOffMs = 100;

/** A row in the file that all VUs share: numbers of the request and of its body, four bytes each, the lowest first. */
export const rowBytes = 8;

/** What of a plan lies beside the script: where in the file each body is, and how it is sent. */
export function scriptData({ places }: ScriptPlan): string {
  return JSON.stringify(places);
}

function optionsText({ planHash, stages }: ScriptPlan): string {
  const scenarios = Object.fromEntries(stages.map(({ key, options }) => [key, options]));
  return JSON.stringify({ scenarios, tags: { plan: planHash }, systemTags: ['vu', 'iter', 'scenario'] }, null, 2);
}

function stagesText({ stages }: ScriptPlan): string {
  const known = stages.map(({ key, options: _, ...stage }) => [key, stage]);
  return JSON.stringify(Object.fromEntries(known), null, 2);
}

/**
 * A script that sends one request in each iteration and computes nothing: it says when a request begins and what
 * became of it, in two samples whose own time is the clock. Secrets come by the environment.
 */
export function scriptText(plan: ScriptPlan, dataFile: string): string {
  return `${head(plan, dataFile)}${sending}`;
}

const head = (plan: ScriptPlan, dataFile: string): string => `import { sleep } from 'k6';
import { SharedArray } from 'k6/data';
import encoding from 'k6/encoding';
import exec from 'k6/execution';
import { open as openFile, SeekMode } from 'k6/experimental/fs';
import http from 'k6/http';
import { Counter } from 'k6/metrics';
import type { Options } from 'k6/options';

interface Stage {
  timeoutMs: number;
  thinkMs: number;
  isClosed: boolean;
  take: 'counter' | 'slot';
  rowsPerSlot: number;
  windows: [number, number][] | null;
  count: number;
  rowsAt: number;
}
interface Place {
  method: string;
  path: string;
  headers: Record<string, string>;
  offset: number;
  length: number;
}

export const options: Options = ${optionsText(plan)};

const stages: Record<string, Stage> = ${stagesText(plan)};
const baseUrl = ${JSON.stringify(plan.baseUrl)};
const keptBytes = ${keptReplyBytes};
const backOffMs = ${backOffMs};
const dataFile = ${JSON.stringify(dataFile)};
`;

const sending = `
const headers: Record<string, string> = JSON.parse(__ENV.HEADROOM_HEADERS || '{}');
const places = new SharedArray<Place>('places', () => JSON.parse(open(dataFile)));
const bodies = await openFile(__ENV.HEADROOM_BODIES || './bodies.bin');
const begun = new Counter('headroom_begun');
const ended = new Counter('headroom_ended');

async function bytesAt(offset: number, length: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  await bodies.seek(offset, SeekMode.Start);
  for (let at = 0; at < length; ) {
    at += await bodies.read(at === 0 ? bytes : bytes.subarray(at));
  }
  return bytes.buffer;
}

/** Sleeps until the VU may send; false: its time is over. */
function isOpen(stage: Stage, slot: number): boolean {
  const window = stage.windows === null ? undefined : stage.windows[slot];
  if (window === undefined) {
    return true;
  }
  const [fromMs, toMs] = window;
  const zeroMs = exec.scenario.startTime;
  if (Date.now() - zeroMs < fromMs) {
    sleep((zeroMs + fromMs - Date.now()) / 1000);
  }
  if (Date.now() - zeroMs < toMs) {
    return true;
  }
  sleep(0.05);
  return false;
}

export default async function send(): Promise<void> {
  const key = exec.scenario.name;
  const stage = stages[key] as Stage;
  const slot = exec.vu.idInTest - 1;
  const turn = exec.vu.iterationInScenario;
  if (!isOpen(stage, slot)) {
    return;
  }
  const n = stage.take === 'counter' ? exec.scenario.iterationInTest : slot * stage.rowsPerSlot + turn;
  if (n >= stage.count || (stage.take === 'slot' && turn >= stage.rowsPerSlot)) {
    return;
  }
  const row = new DataView(await bytesAt(stage.rowsAt + n * ${rowBytes}, ${rowBytes}));
  const seq = row.getUint32(0, true);
  const place = places[row.getUint32(4, true)] as Place;
  const body = place.length === 0 ? null : await bytesAt(place.offset, place.length);
  const metadata = exec.vu.metrics.metadata;
  metadata.seq = String(seq);
  metadata.at = JSON.stringify([key, n, slot, exec.scenario.startTime]);
  const triedMs = Date.now();
  begun.add(1);
  const response = http.request(place.method, baseUrl + place.path, body, {
    headers: { ...place.headers, ...headers },
    timeout: stage.timeoutMs + 'ms',
    redirects: 0,
    responseType: 'binary',
  });
  const reply = response.body as ArrayBuffer | null;
  metadata.reply = JSON.stringify({
    status: response.status,
    error: response.error,
    code: response.error_code,
    timings: response.timings,
    headers: response.headers,
    bytes: reply === null ? 0 : reply.byteLength,
    body: reply === null ? '' : encoding.b64encode(reply.byteLength > keptBytes ? reply.slice(0, keptBytes) : reply),
  });
  ended.add(1);
  delete metadata.reply;
  const thinkMs = Math.max(stage.thinkMs, response.status === 0 ? triedMs + backOffMs - Date.now() : 0);
  if (stage.isClosed && thinkMs > 0) {
    sleep(thinkMs / 1000);
  }
}
`;
