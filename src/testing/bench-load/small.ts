import { type Row, shortNumber, skipped } from '../bench-corpora/row.ts';
import { type Bench, failuresText, perSecond, type Sent, send, sendByEngine } from './bench.ts';
import { autocannonAlone, k6Alone, type LonePeer, wrkAlone } from './lone-peers.ts';

const connections = 50;
const bytes = 100;
/** In turns, and the best of each: what shares the machine disturbs one of them and not all. */
const rounds = 2;

/** `perCore`: per second of processor time; of a tool that is a process of its own, its start included. */
type Rate = { rate: number; perCore: number | null; note: string } | { reason: string };

function rateOf({ figures, measured }: Sent, note: string, ownCpuSeconds: number | null = null): Rate {
  const rate = perSecond(figures, figures.requests);
  const cpuSeconds = ownCpuSeconds ?? measured.cpuSeconds;
  const perCore = cpuSeconds === null || cpuSeconds === 0 ? null : figures.requests / cpuSeconds;
  return rate === null ? { reason: 'nothing came' } : { rate, perCore, note };
}

function perCoreText(perCore: number | null): string {
  return perCore === null ? '' : `, ${shortNumber(perCore)} per second of processor time`;
}

async function engineRate(bench: Bench, engine: string): Promise<Rate> {
  const sent = await sendByEngine(bench, { engine, bytes, load: { slots: connections, distinct: false } });
  if ('reason' in sent) {
    return sent;
  }
  const counted = sent.report.ok === sent.figures.requests ? '' : `; ${sent.report.ok} of ${sent.figures.requests} ok`;
  return rateOf(sent, `${counted}${failuresText(sent.report)}`, sent.report.cpuSeconds);
}

async function loneRate(bench: Bench, peer: LonePeer): Promise<Rate> {
  if (!bench.wants(peer.name.split(' ')[0] ?? '')) {
    return { reason: 'left out' };
  }
  const program = peer.program(bench, { connections, bytes });
  if ('reason' in program) {
    return program;
  }
  return rateOf(await send(bench, program), '');
}

/** Requests per second of each peer, closed loop, 50 connections, against one sink. */
export async function smallRows(bench: Bench): Promise<Row[]> {
  const peers: readonly [string, () => Promise<Rate>][] = [
    ['native', () => engineRate(bench, 'native')],
    ['autocannon', () => engineRate(bench, 'autocannon')],
    ['k6', () => engineRate(bench, 'k6')],
    ...[autocannonAlone, k6Alone, wrkAlone].map((peer): [string, () => Promise<Rate>] => [
      peer.name,
      () => loneRate(bench, peer),
    ]),
  ];
  const best = new Map<string, Rate>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, measure] of peers) {
      const rate = await measure();
      const before = best.get(name);
      if (before === undefined || 'reason' in before || ('rate' in rate && rate.rate > before.rate)) {
        best.set(name, rate);
      }
    }
  }
  const bestOf = (name: string): Rate => best.get(name) ?? { reason: 'left out' };
  return [
    ...peers.map(([name]) => rateRow(name, bestOf(name))),
    ratioRow('native against k6 alone', [bestOf('native'), bestOf('k6 alone')], 0.7),
    ratioRow('autocannon against itself alone', [bestOf('autocannon'), bestOf('autocannon alone')], 0.75),
  ];
}

function rateRow(name: string, rate: Rate): Row {
  const subject = `small requests, ${name}`;
  return 'reason' in rate
    ? skipped(subject, 'rps', null, rate.reason)
    : {
        subject,
        figure: rate.rate,
        unit: 'rps',
        goal: null,
        note: `${connections} connections, best of ${rounds}${perCoreText(rate.perCore)}${rate.note}`,
      };
}

function ratioRow(what: string, [ours, theirs]: readonly [Rate, Rate], atLeast: number): Row {
  const subject = `small requests, ${what}`;
  const goal = { atLeast };
  if ('reason' in ours) {
    return skipped(subject, 'x', goal, ours.reason);
  }
  if ('reason' in theirs) {
    return skipped(subject, 'x', goal, theirs.reason);
  }
  return {
    subject,
    figure: ours.rate / theirs.rate,
    unit: 'x',
    goal,
    note: `${shortNumber(ours.rate)} against ${shortNumber(theirs.rate)}${byCoreText(ours.perCore, theirs.perCore)}`,
  };
}

/** What shares the machine takes from the clock and not from this. */
function byCoreText(ours: number | null, theirs: number | null): string {
  return ours === null || theirs === null ? '' : `; by processor time ${shortNumber(ours / theirs)} x`;
}
