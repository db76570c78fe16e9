import { describe, expect, it } from 'vitest';
import { faults } from '../../reference-server/faults/index.ts';
import { trials } from './index.ts';

describe('the trials', () => {
  it('are one for each fault', () => {
    const broken = faults.map(({ id }) => id).filter((id) => id !== 'none');
    expect(trials.map(({ fault }) => fault).sort((a, b) => a.localeCompare(b))).toEqual(
      broken.sort((a, b) => a.localeCompare(b)),
    );
  });

  it.each(trials)('of $fault begins with the faulty server, then takes all right fixes', ({ fault, cases }) => {
    const known = faults.find(({ id }) => id === fault);
    expect(cases[0]?.fixes).toEqual([]);
    expect(cases.some(({ fixes }) => fixes.includes('fixed') || fixes.some((fix) => known?.fixed.includes(fix)))).toBe(
      true,
    );
    for (const fix of cases.flatMap(({ fixes }) => fixes)) {
      expect([...Object.keys(known?.fixes ?? {}), 'fixed']).toContain(fix);
    }
  });
});
