import { describe, expect, it } from 'vitest';
import type { Artifacts, Series } from '../model/artifacts.ts';
import type { Detector, Verdict } from '../model/detector.ts';
import { context, healthyArtifacts, line, mib, profile, stageWindowsOf } from '../testing/build.ts';
import { fdExhaustion } from './fd-exhaustion.ts';
import { lockedMemory } from './locked-memory.ts';
import { shmPlateau } from './shm-plateau.ts';

interface Row {
  why: string;
  verdict: Verdict;
  over?: Partial<Artifacts>;
  says?: RegExp;
}

function expectRow(detector: Detector, { over = {}, verdict, says = /\.$/ }: Row): void {
  const seen = detector.detect(healthyArtifacts(over), context({ profile: profile() }));
  expect(seen.verdict, seen.summary).toBe(verdict);
  expect(seen.summary).toMatch(says);
}

const under = (load: number, rest: number, before = rest): Series =>
  line(150, (second) => (second <= 30 ? before : second <= 90 ? load : rest));

const open = (fds: Series, softLimit: number | null = 1024): Pick<Artifacts, 'descriptors'> => ({
  descriptors: [
    { instance: 'loader#8', role: 'loader', open: fds, softLimit },
    { instance: 'front#7', role: 'front', open: line(150, () => 30), softLimit: 1024 },
  ],
});
/** EMFILE, counted from `second` on. */
const refused = (second: number, before: number | null): Pick<Artifacts, 'gauges'> => ({
  gauges: {
    queues: [],
    work: [],
    abandoned: [],
    descriptorRefusals: [{ name: 'refusals', series: line(150, (s) => (s < second ? before : 6)) }],
  },
});

const fdRows: Row[] = [
  { why: 'no process told its files', verdict: 'inconclusive' },
  {
    why: 'no process told its limit',
    verdict: 'inconclusive',
    over: { descriptors: open(under(1000, 30), null).descriptors.slice(0, 1) },
  },
  { why: 'a tenth is open', verdict: 'ok', over: open(under(100, 30)), says: /loader process had up to 100 of 1024/ },
  {
    why: '1000 of 1024 stand open',
    verdict: 'fail',
    over: open(under(1000, 1000, 30)),
    says: /1000 of 1024.*a plateau/,
  },
  {
    why: 'they climb by one a second',
    verdict: 'fail',
    over: open(line(150, (s) => 850 + s)),
    says: /60\.0 more each minute: the limit is 2[56]\.\d s/,
  },
  { why: 'it was at 0.9 and not above', verdict: 'ok', over: open(under(921, 30)) },
  { why: 'gaps lie between', verdict: 'fail', over: open(line(150, (s) => (s % 5 === 0 ? 1000 : null))) },
  { why: 'one sample is above', verdict: 'fail', over: open(line(150, (s) => (s === 60 ? 1000 : 30))) },
  {
    why: 'the process was started anew with few',
    verdict: 'ok',
    over: open(line(150, (s) => (s < 75 ? 500 + s : 20))),
  },
  {
    why: 'the server counts refusals (EMFILE) from the load on',
    verdict: 'fail',
    over: { ...open(under(100, 30)), ...refused(60, null) },
    says: /refused it 6 descriptors/,
  },
  { why: 'it counted them before this run', verdict: 'ok', over: { ...open(under(100, 30)), ...refused(0, null) } },
  {
    why: 'it counts more of them',
    verdict: 'fail',
    over: { ...open(under(100, 30)), ...refused(60, 2) },
    says: /refused it 4 /,
  },
];

const hidden = (unseen: Series, sizeMib = 8192, isOwn = true): Pick<Artifacts, 'hiddenMemory'> => ({
  hiddenMemory: { unseen, isOwn, mounts: [{ mountPoint: '/dev/shm', used: unseen, sizeBytes: sizeMib * mib }] },
});
const mebibytes = (load: number, rest = 0): Series => under(load * mib, rest * mib);

const shmRows: Row[] = [
  { why: 'nothing was read', verdict: 'inconclusive' },
  { why: 'nothing lies there', verdict: 'ok', over: hidden(mebibytes(0)) },
  {
    why: '700 of 1024 MiB stand there',
    verdict: 'fail',
    over: hidden(mebibytes(700)),
    says: /700 MiB stood.*68 % of the limit/,
  },
  {
    why: '700 of 1024 MiB stand there, and nothing says whose they are',
    verdict: 'warn',
    over: hidden(mebibytes(700), 8192, false),
    says: /no process of the target shows.*may be those of another process on this host\.$/,
  },
  { why: 'little stands there, whosever it is', verdict: 'ok', over: hidden(mebibytes(100), 8192, false) },
  { why: 'it is half of the limit and no more', verdict: 'ok', over: hidden(mebibytes(512)) },
  {
    why: 'they pass through in 3 s',
    verdict: 'ok',
    over: hidden(line(150, (s) => (s > 50 && s < 53 ? 700 * mib : 0))),
  },
  {
    why: 'gaps lie between',
    verdict: 'fail',
    over: hidden(line(150, (s) => (s % 2 === 0 ? null : s > 30 && s < 90 ? 700 * mib : 0))),
  },
  { why: 'it was read for 5 s', verdict: 'inconclusive', over: hidden(line(5, () => 0)) },
  { why: 'a mount of 64 MiB is full', verdict: 'warn', over: hidden(mebibytes(62), 64), says: /\/dev\/shm was full/ },
  {
    why: 'a mount of 64 MiB was full before',
    verdict: 'ok',
    over: hidden(
      line(150, () => 62 * mib),
      64,
    ),
  },
];

const locked = (total: Series): Pick<Artifacts, 'lockedMemory'> => ({
  lockedMemory: { total, holders: [{ role: 'loader', series: total }] },
});

const lockedRows: Row[] = [
  { why: 'nothing was read', verdict: 'inconclusive' },
  { why: 'nothing is locked', verdict: 'ok', over: locked(mebibytes(0)) },
  {
    why: 'it rises with the load and falls with it',
    verdict: 'fail',
    over: locked(mebibytes(600)),
    says: /600 MiB were locked/,
  },
  { why: 'it was locked before the load', verdict: 'ok', over: locked(line(150, () => 600 * mib)) },
  {
    why: 'a pool is made at the first call and stays',
    verdict: 'ok',
    over: locked(under(600 * mib, 600 * mib, 0)),
    says: /made once/,
  },
  { why: 'it rises by 40 MiB', verdict: 'ok', over: locked(mebibytes(40)) },
  { why: 'one sample is high', verdict: 'ok', over: locked(line(150, (s) => (s === 60 ? 600 * mib : 0))) },
  {
    why: 'gaps lie between',
    verdict: 'fail',
    over: locked(line(150, (s) => (s % 3 === 0 ? null : s > 30 && s <= 90 ? 600 * mib : 0))),
  },
  {
    why: 'there is no time after load',
    verdict: 'inconclusive',
    over: {
      ...locked(mebibytes(600)),
      stages: stageWindowsOf([
        ['base', 'idle', 30],
        ['load', 'load', 120],
      ]),
    },
  },
  { why: 'it was read twice under load', verdict: 'inconclusive', over: locked(line(32, () => 0)) },
  {
    why: 'it was read before the load only',
    verdict: 'inconclusive',
    over: locked(line(150, (s) => (s < 30 ? 0 : null))),
  },
];

describe('limits that RSS does not show', () => {
  it.each(fdRows)('fd-exhaustion is $verdict when $why', (row) => expectRow(fdExhaustion, row));
  it.each(shmRows)('shm-plateau is $verdict when $why', (row) => expectRow(shmPlateau, row));
  it.each(lockedRows)('locked-memory is $verdict when $why', (row) => expectRow(lockedMemory, row));

  it('names who locks most', () => {
    const seen = lockedMemory.detect(healthyArtifacts(locked(mebibytes(600))), context());
    expect(seen.evidence?.holder).toBe('loader');
  });
});
