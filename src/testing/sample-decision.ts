import { readFileSync } from 'node:fs';
import { gateRow } from '../computed/gate/row.ts';
import { type GateDecision, gateConstantsSchema } from '../model/gate.ts';

const mebibyte = 1024 ** 2;

/** Those that the package ships. */
const constants = gateConstantsSchema.parse(
  JSON.parse(readFileSync(new URL('../../profiles/gates.json', import.meta.url), 'utf8')),
);

/** A session that failed by its history, beside a row of nearly every other state. */
export function sampleDecision(): GateDecision {
  return {
    schemaVersion: '0.1',
    state: 'fail',
    sentence: 'Peak memory is 21 % above the last nights, and a second session showed the same.',
    series: 'longform-sustained/linux-x64-2c-16g',
    profile: 'longform-sustained',
    sessionId: '20260102T030405Z_longform-sustained_3f2a91c_k4zd',
    runIds: ['20260102T030405Z_longform-sustained_3f2a91c_k4zd'],
    confirmationRunIds: ['20260102T040405Z_longform-sustained_3f2a91c_k4ze'],
    historyUsed: [
      '20260101T030405Z_longform-sustained_aaaaaaa_0001',
      '20251231T030405Z_longform-sustained_bbbbbbb_0002',
    ],
    differences: [{ class: 'warn', field: 'kernel', baseline: '6.1.0', candidate: '6.2.0' }],
    rows: [
      gateRow({ layer: 'invariant', rule: 'oom-kill', state: 'pass', sentence: 'The kernel killed nothing.' }),
      gateRow({
        layer: 'relative',
        rule: 'relative-history',
        state: 'fail',
        metric: 'peak-footprint',
        unit: 'bytes',
        values: [630, 635, 641].map((size) => size * mebibyte),
        value: 635 * mebibyte,
        centre: 525 * mebibyte,
        scale: 5 * mebibyte,
        reference: 520 * mebibyte,
        threshold: 557 * mebibyte,
        confirmation: [632, 633, 640].map((size) => size * mebibyte),
        identity: 'f00d',
        failingSince: '20251230T030405Z',
        sentence: 'Peak memory rose by 21 %. Look at the commits since the night before.',
      }),
      gateRow({
        layer: 'absolute',
        rule: 'peak-share',
        state: 'warn',
        metric: 'peak-footprint',
        unit: 'ratio',
        values: [0.89, 0.9, 0.91],
        value: 0.91,
        threshold: 0.8,
        sentence: 'The peak is 91 % of the limit. Raise the limit or lower the concurrency.',
      }),
    ],
    notJudged: [{ rule: 'leak-hours', why: 'the profile has no stage of constant load' }],
    notices: ['The kernel is another one than before.'],
    needsConfirmation: false,
    expectedFalseRedsPerYear: 2.1,
    constants,
  };
}
