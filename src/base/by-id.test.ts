import { describe, expect, it } from 'vitest';
import { findById, nearestName } from './by-id.ts';

const known = ['smoke', 'longform-sustained', 'ungated-pool'];

describe('by-id', () => {
  it.each([
    ['smok', 'smoke'],
    ['somke', 'smoke'],
    ['longform-sustaned', 'longform-sustained'],
    ['longform', 'longform-sustained'],
    ['xyz', null],
  ])('takes %s for %s', (typed, meant) => {
    expect(nearestName(typed, known)).toBe(meant);
  });

  it('names what there is when nothing is near', () => {
    expect(() => findById('profile', [{ id: 'smoke' }], 'zzzzzz')).toThrow(
      expect.objectContaining({ message: 'There is no profile "zzzzzz".', hint: 'Known: smoke.', exitCode: 2 }),
    );
  });
});
