import { describe, it } from 'vitest';
import { deviceLevels } from '../computed/device-levels.ts';
import type { Artifacts, DeviceMemory } from '../model/artifacts.ts';
import { healthyArtifacts, line, mib, series } from '../testing/build.ts';
import { expectVerdict, peakOf, type VerdictRow } from '../testing/judge.ts';

const none = series([]);
const wholeMib = 15_360;

interface Card {
  instance?: string;
  baseMib: number | null;
  loadMib: number;
  restMib: number;
  /** The target's part; null: no driver told. */
  own?: { baseMib: number; loadMib: number } | null;
  wholeMib?: number | null;
}

/** At rest until 32 s, under load until 92 s, then at rest again. */
function cardOf({ instance = 'cuda:GPU-1', baseMib, loadMib, restMib, own, ...size }: Card): DeviceMemory {
  const total = size.wholeMib === undefined ? wholeMib : size.wholeMib;
  const levels = (before: number | null, during: number, after: number): DeviceMemory['usedBytes'] =>
    line(150, (second) => {
      const mebibytes = second < 32 ? before : second < 92 ? during : after;
      return mebibytes === null ? null : mebibytes * mib;
    });
  const used = levels(baseMib, loadMib, restMib);
  const tree =
    own === null ? none : own === undefined ? used : levels(own.baseMib, own.loadMib, Math.min(own.loadMib, restMib));
  const others = own == null ? none : levels((baseMib ?? 0) - own.baseMib, loadMib - own.loadMib, 0);
  return {
    instance,
    kind: instance.startsWith('virtual') ? 'virtual' : 'cuda',
    totalBytes: total === null ? null : total * mib,
    usedBytes: used,
    freeBytes: none,
    treeBytes: tree,
    othersBytes: others,
    unattributedBytes: none,
    utilizationPercent: none,
  };
}

function cards(...all: readonly Card[]): Pick<Artifacts, 'deviceLevels'> {
  const [first, ...rest] = all.map(cardOf);
  return {
    deviceLevels: first === undefined ? [] : deviceLevels({ ...first, devices: [first, ...rest] }, healthyArtifacts()),
  };
}

const rows: readonly Omit<VerdictRow, 'id'>[] = [
  { why: 'there is no device', verdict: 'ok', over: cards(), says: /^The peak was 400 MiB.*held by front\.$/ },
  {
    why: 'the card is half full',
    verdict: 'ok',
    over: cards({ baseMib: 500, loadMib: 7680, restMib: 500 }),
    says: /device cuda:GPU-1 was filled to 50 % at most\.$/,
  },
  {
    why: 'an arena of 82 % stays when nobody asks any more, as in the incident of the shared card',
    verdict: 'warn',
    over: cards({ baseMib: 500, loadMib: 12_571, restMib: 12_571 }),
    says: /^The load filled the device cuda:GPU-1 to 12\.28 GiB of 15\.00 GiB \(82 %\) at 0:32, and 12\.28 GiB \(82 %\) were still in use at rest after it\. The target held 12\.28 GiB; 500 MiB/,
  },
  {
    why: 'the same arena is given back',
    verdict: 'ok',
    over: cards({ baseMib: 500, loadMib: 12_571, restMib: 1940 }),
  },
  {
    why: 'the load takes 95 %, even if it gives it back',
    verdict: 'fail',
    over: cards({ baseMib: 500, loadMib: 14_592, restMib: 500 }),
    says: /\(95 %\)/,
  },
  { why: 'just under 80 %', verdict: 'ok', over: cards({ baseMib: 500, loadMib: 12_280, restMib: 12_280 }) },
  { why: 'just under 90 %', verdict: 'warn', over: cards({ baseMib: 500, loadMib: 13_820, restMib: 13_820 }) },
  { why: 'at 90 %', verdict: 'fail', over: cards({ baseMib: 500, loadMib: 13_824, restMib: 13_824 }) },
  {
    why: 'it was loaded to 85 % before any request, on purpose',
    verdict: 'ok',
    over: cards({ baseMib: 13_056, loadMib: 13_400, restMib: 13_056 }),
  },
  {
    why: 'nine tenths were reserved before the load, and it only worked in them',
    verdict: 'ok',
    over: cards({ baseMib: 14_000, loadMib: 14_500, restMib: 14_500 }),
  },
  {
    why: 'nine tenths were reserved before the load, and it took more',
    verdict: 'warn',
    over: cards({ baseMib: 13_900, loadMib: 15_000, restMib: 13_900 }),
  },
  {
    why: 'the others filled the card',
    verdict: 'warn',
    over: cards({ baseMib: 1000, loadMib: 14_592, restMib: 1000, own: { baseMib: 1000, loadMib: 2000 } }),
    says: /The target held 1\.95 GiB and other processes 12\.30 GiB;/,
  },
  {
    why: 'nobody can tell who filled it',
    verdict: 'fail',
    over: cards({ baseMib: 1000, loadMib: 14_592, restMib: 1000, own: null }),
    says: /Who held it was not told/,
  },
  {
    why: 'nothing was read before the load',
    verdict: 'warn',
    over: cards({ baseMib: null, loadMib: 14_592, restMib: 14_592 }),
  },
  {
    why: 'nobody knows the size of the card',
    verdict: 'ok',
    over: cards({ baseMib: 500, loadMib: 14_592, restMib: 500, wholeMib: null }),
    says: /held by front\.$/,
  },
  {
    why: 'the second card is the full one, and it is a virtual one',
    verdict: 'fail',
    over: cards(
      { baseMib: 500, loadMib: 7000, restMib: 500 },
      { instance: 'virtual:1', baseMib: 500, loadMib: 14_592, restMib: 500 },
    ),
    says: /^The load filled the virtual VRAM \(virtual:1\).* Host memory reached 39 % of its limit\.$/,
  },
  {
    why: 'host and device are both full: the host leads, since it kills',
    verdict: 'fail',
    over: { ...peakOf(922), ...cards({ baseMib: 500, loadMib: 14_592, restMib: 500 }) },
    says: /^Memory reached 922 MiB.* The device cuda:GPU-1 is short of room too: 95 %\.$/,
  },
  {
    why: 'the host only warns where the device fails',
    verdict: 'fail',
    over: { ...peakOf(820), ...cards({ baseMib: 500, loadMib: 14_592, restMib: 500 }) },
    says: /^The load filled the device/,
  },
];

describe('low-headroom on host and devices', () => {
  it.each(rows)('is $verdict when $why', (row) => expectVerdict({ ...row, id: 'low-headroom' }));
});
