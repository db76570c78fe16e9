import { describe, expect, it } from 'vitest';
import type { ItemTraits } from '../model/artifacts.ts';
import type { RequestRecord } from '../model/record.ts';
import { footprint, line, mib, record, stageWindowsOf } from '../testing/build.ts';
import { inFlight } from './in-flight.ts';
import { keptByAnswers } from './kept-answers.ts';

const stages = stageWindowsOf([
  ['base', 'idle', 10],
  ['load', 'load', 60],
  ['lull', 'lull', 30],
]);
const baseMib = 100;

interface Server {
  /** Requests at once. */
  vus?: number;
  /** Grows to as many at once in the course of the load. */
  toVus?: number;
  /** Of one request. */
  seconds?: number;
  /** What memory holds, in MiB, of so many answered, so many in flight now and at most, the largest item so far. */
  holds(seen: { answered: number; flying: number; most: number; largest: number }): number;
  /** Audio seconds of the item of a number. */
  size?: (seq: number) => number;
  fails?: (seq: number) => boolean;
  /** Share of what was added that is still there after the load. */
  keeps?: number;
  /** Seconds of quiet time that were sampled. */
  quietS?: number;
}

/** A server whose memory follows a rule, sampled each second. */
function run({ vus = 4, toVus = vus, seconds = 2, holds, size = () => 30, fails, keeps = 1, quietS = 30 }: Server) {
  const records: RequestRecord[] = [];
  const items = new Map<string, ItemTraits>();
  for (let startS = 10; startS + seconds <= 70; startS += seconds) {
    const atOnce = Math.round(vus + ((toVus - vus) * (startS - 10)) / 60);
    for (let slot = 0; slot < atOnce; slot += 1) {
      const seq = records.length;
      items.set(`item-${seq}`, { bytes: 1000, audioSeconds: size(seq), pixels: null });
      records.push(
        record(seq, {
          itemId: `item-${seq}`,
          startMs: startS * 1000,
          endMs: (startS + seconds) * 1000,
          outcome: fails?.(seq) === true ? 'timeout' : 'ok',
        }),
      );
    }
  }
  const open = inFlight(records);
  const at = (second: number): number => {
    const tMs = second * 1000;
    const sent = records.filter(({ startMs }) => startMs !== null && startMs <= tMs);
    const levels = open.tMs.findLastIndex((changeMs) => changeMs <= tMs);
    return holds({
      answered: sent.filter(({ endMs, outcome }) => outcome === 'ok' && endMs !== null && endMs <= tMs).length,
      flying: open.values[levels] ?? 0,
      most: Math.max(...open.values.slice(0, levels + 1)),
      largest: Math.max(0, ...sent.map(({ seq }) => size(seq))),
    });
  };
  const endMib = at(69);
  const total = line(70 + quietS, (second) => (baseMib + (second < 70 ? at(second) : keeps * endMib)) * mib);
  return keptByAnswers(footprint(total), { records, items, stages, inFlight: open });
}

describe('what is kept after an answer', () => {
  it('is seen where memory rises with each answer, and stays with nothing in flight', () => {
    const seen = run({ holds: ({ answered }) => 10 * answered });
    expect(seen).toMatchObject({ answers: 120, mostInFlight: 4 });
    expect((seen?.bytesPerAnswer ?? 0) / mib).toBeCloseTo(10, 0);
    expect(seen?.keptRatio).toBeCloseTo(1, 1);
  });

  it.each([
    { why: 'beside what requests hold while they are in flight', holds: (s: Seen) => 10 * s.answered + 40 * s.flying },
    { why: 'where items differ in size', holds: (s: Seen) => 10 * s.answered, size: (seq: number) => 30 + (seq % 7) },
  ])('is seen $why', (server) => {
    expect((run({ keeps: 0.95, ...server })?.bytesPerAnswer ?? 0) / mib).toBeCloseTo(10, 0);
  });

  it.each([
    { why: 'memory goes with the requests', holds: (s: Seen) => 100 * s.flying, keeps: 0 },
    { why: 'it falls when they end, whatever it did before', holds: (s: Seen) => 10 * s.answered, keeps: 0.3 },
    {
      why: 'a pool is filled by the first request of each place',
      holds: (s: Seen) => 100 * Math.min(s.answered, s.most),
    },
    { why: 'a cache fills to its bound', holds: (s: Seen) => 10 * Math.min(s.answered, 40) },
    { why: 'an arena is warmed up, ever more slowly', holds: (s: Seen) => 800 * (1 - Math.exp(-s.answered / 30)) },
    { why: 'an arena keeps the most that was in flight', vus: 1, toVus: 12, holds: (s: Seen) => 100 * s.most },
    { why: 'queued requests hold it', vus: 1, toVus: 12, holds: (s: Seen) => 100 * s.flying },
    {
      why: 'an arena keeps the largest item, and the items grow',
      holds: (s: Seen) => 10 * s.largest,
      size: (seq: number) => 10 + seq,
    },
    { why: 'it loads once', holds: (s: Seen) => (s.answered > 50 ? 800 : 0) },
    { why: 'too few were answered', seconds: 20, holds: (s: Seen) => 100 * s.answered },
    { why: 'each place answered once', vus: 30, seconds: 30, holds: (s: Seen) => 10 * s.answered },
    { why: 'many requests failed', holds: (s: Seen) => 10 * s.answered, fails: (seq: number) => seq % 3 === 0 },
    { why: 'there was no time without load', holds: (s: Seen) => 10 * s.answered, quietS: 0 },
    { why: 'nothing moves', holds: () => 0 },
  ])('is not claimed where $why', (server) => {
    expect(run(server)).toBeNull();
  });
});

type Seen = Parameters<Server['holds']>[0];
