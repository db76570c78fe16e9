import { describe, expect, it } from 'vitest';
import { gateInput, nightOf, pastNight, peakRuns } from '../../testing/gate-nights.ts';
import { decide, type GateInput } from './decide.ts';
import { historySession } from './history-session.ts';

const gib = 1024 ** 3;
const calm = Array.from({ length: 20 }, () => gib);

describe('the same regression on later nights', () => {
  const again = (input: GateInput): GateInput => ({ ...input, confirmation: peakRuns([1.5 * gib], 'second') });
  it('keeps its identity, which names the first bad commit, and says since when', () => {
    const first = again(gateInput(calm, [1.5 * gib]));
    const firstDecision = decide(first);
    const kept = historySession(first.night, firstDecision);
    expect(kept).toMatchObject({ state: 'fail', isAccepted: false, metrics: [{ isSuspect: true }] });
    const next = again({
      ...gateInput(calm, [1.5 * gib]),
      night: nightOf(21, [1.5 * gib]),
      history: [...first.history, kept],
    });
    const row = decide(next).rows.find(({ rule }) => rule === 'relative-history');
    expect(row?.identity).toBe(firstDecision.rows.find(({ rule }) => rule === 'relative-history')?.identity);
    expect(row?.failingSince).toBe('night-20');
    expect(row?.sentence).toContain('Still failing since night-20');
  });

  it('is another one after a night that was well', () => {
    const first = again(gateInput(calm, [1.5 * gib]));
    const kept = historySession(first.night, decide(first));
    const next = again({
      ...gateInput(calm, [1.5 * gib]),
      night: nightOf(22, [1.5 * gib]),
      history: [...first.history, kept, pastNight(21, gib)],
    });
    const row = decide(next).rows.find(({ rule }) => rule === 'relative-history');
    expect(row?.failingSince).toBeNull();
    expect(kept.identities).not.toContain(row?.identity);
  });
});
