import { freemem } from 'node:os';
import { type Row, shortNumber, skipped } from '../bench-corpora/row.ts';
import { agreementOf } from './agreement.ts';
import { type Bench, failuresText, perSecond, type Sent, send, sendByEngine } from './bench.ts';
import { k6WithOpen, k6WithShared } from './lone-peers.ts';

const bytes = 24_000_000;
/** More than this is not taken from the machine for a comparison. */
const mostPeerBytes = 3e9;
/** RSS of k6 with its own file in each VU, per byte of the files, as measured with 10 of them. */
const k6Copies = 7;
const sharedConnections = 64;
/** Of free memory, before k6 is asked to send one body from so many VUs. */
const sharedPeerBytes = 12e9;
/** Rate of ours over that of k6, by the same body and the same connections. */
const sharedGoal = { atLeast: 2 };

interface Wanted {
  engine: string;
  connections: number;
  distinct: boolean;
  mostMegabytes: number | null;
}

const wanted: readonly Wanted[] = [
  { engine: 'native', connections: 10, distinct: true, mostMegabytes: 160 },
  { engine: 'native', connections: 64, distinct: true, mostMegabytes: 160 },
  { engine: 'native', connections: sharedConnections, distinct: false, mostMegabytes: 160 },
  { engine: 'autocannon', connections: 10, distinct: true, mostMegabytes: 200 },
  { engine: 'autocannon', connections: 64, distinct: true, mostMegabytes: 200 },
  { engine: 'k6', connections: 10, distinct: true, mostMegabytes: null },
  { engine: 'k6', connections: 64, distinct: true, mostMegabytes: null },
];

function subjectOf(peer: string, connections: number, distinct: boolean): string {
  return `${connections} uploads of 24 MB, ${distinct ? 'distinct' : 'one body'}, ${peer}`;
}

function rowsOf(subject: string, { measured, figures }: Sent, goal: Row['goal'], note: string): Row[] {
  const { peakRssBytes } = measured;
  const rate = perSecond(figures, figures.bytes / 1e6);
  const memory: Row =
    peakRssBytes === null
      ? skipped(`${subject}, RSS`, 'MB', goal, 'no /proc here')
      : {
          subject: `${subject}, RSS`,
          figure: peakRssBytes / 1e6,
          unit: 'MB',
          goal,
          note: `peak of all its processes${note}`,
        };
  return [
    memory,
    { subject: `${subject}, rate`, figure: rate, unit: 'MB/s', goal: null, note: `${figures.requests} uploads` },
  ];
}

async function engineRows(bench: Bench, { engine, connections, distinct, mostMegabytes }: Wanted): Promise<Row[]> {
  const subject = subjectOf(engine, connections, distinct);
  const goal = mostMegabytes === null ? null : { atMost: mostMegabytes };
  const sent = await sendByEngine(bench, { engine, bytes, load: { slots: connections, distinct } });
  if ('reason' in sent) {
    return [skipped(subject, 'MB', goal, sent.reason)];
  }
  const agreement = agreementOf(sent.report.spells, distinct ? sent.figures.truths : []);
  const differs = agreement.medianMs === null ? '' : `; latency within ${shortNumber(agreement.medianMs)} ms`;
  return rowsOf(subject, sent, goal, `${differs}${failuresText(sent.report)}`);
}

async function k6Rows(bench: Bench, connections: number): Promise<Row[]> {
  const subject = subjectOf(k6WithOpen.name, connections, true);
  const estimate = k6Copies * connections * bytes;
  if (!bench.wants('k6') || estimate > mostPeerBytes) {
    const reason = bench.wants('k6') ? `it would hold about ${shortNumber(estimate / 1e9)} GB` : 'left out';
    return [skipped(subject, 'MB', null, reason)];
  }
  const program = k6WithOpen.program(bench, { connections, bytes });
  return 'reason' in program
    ? [skipped(subject, 'MB', null, program.reason)]
    : rowsOf(subject, await send(bench, program), null, '');
}

/** One body that all requests send, the same for both, one run after the other. */
async function sharedRows(bench: Bench, ours: number | null): Promise<Row[]> {
  const subject = subjectOf(k6WithShared.name, sharedConnections, false);
  const ratio = `${sharedConnections} uploads of 24 MB, one body, native over k6 alone`;
  const program = whyNoShared(bench) ?? k6WithShared.program(bench, { connections: sharedConnections, bytes });
  if ('reason' in program) {
    return [skipped(subject, 'MB', null, program.reason), skipped(ratio, 'x', sharedGoal, program.reason)];
  }
  const sent = await send(bench, program);
  const { exitCode } = sent.measured;
  const rows = rowsOf(subject, sent, null, exitCode === 0 ? '' : '; it was ended before it was done');
  const theirs = rows.at(-1)?.figure ?? null;
  const figure = ours === null || theirs === null ? null : ours / theirs;
  return [...rows, { subject: ratio, figure, unit: 'x', goal: sharedGoal, note: 'rate over rate' }];
}

function whyNoShared(bench: Bench): { reason: string } | null {
  if (!bench.wants('k6')) {
    return { reason: 'left out' };
  }
  return freemem() < sharedPeerBytes ? { reason: `it wants ${sharedPeerBytes / 1e9} GB of free memory` } : null;
}

/** Memory and rate of each peer with uploads that are all in flight at once. */
export async function uploadRows(bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  let ours: number | null = null;
  for (const one of wanted) {
    const seen = await engineRows(bench, one);
    rows.push(...seen);
    if (one.engine === 'native' && !one.distinct) {
      ours = seen.at(-1)?.figure ?? null;
    }
  }
  rows.push(...(await sharedRows(bench, ours)));
  for (const connections of [10, 64]) {
    rows.push(...(await k6Rows(bench, connections)));
  }
  return rows;
}
