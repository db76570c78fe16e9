import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAdmission, type GiveBack } from './admission.ts';

const patient = new AbortController().signal;

describe('createAdmission', () => {
  it('lets in what fits beside the rest, and the next one when something is given back', async () => {
    const admission = createAdmission(100);
    const first = await admission.take(60, patient);
    const second = admission.take(60, patient);
    expect([admission.heldBytes(), admission.waiting()]).toEqual([60, 1]);
    first();
    await second;
    expect([admission.heldBytes(), admission.waiting()]).toEqual([60, 0]);
  });

  it('takes exactly the budget', async () => {
    const admission = createAdmission(100);
    await admission.take(100, patient);
    expect(admission.waiting()).toBe(0);
  });

  it('lets no small image overtake a large one', async () => {
    const admission = createAdmission(100);
    const first = await admission.take(50, patient);
    const order: string[] = [];
    const large = admission.take(80, patient).then(() => order.push('large'));
    const small = admission.take(20, patient).then(() => order.push('small'));
    expect(admission.waiting()).toBe(2);
    first();
    await Promise.all([large, small]);
    expect(order).toEqual(['large', 'small']);
  });

  it('gives back once, however often it is told to', async () => {
    const admission = createAdmission(100);
    const first = await admission.take(60, patient);
    await admission.take(40, patient);
    first();
    first();
    expect(admission.heldBytes()).toBe(40);
  });

  it('forgets whoever leaves the queue, and lets in the one behind', async () => {
    const admission = createAdmission(100);
    await admission.take(60, patient);
    const leaving = new AbortController();
    const large = admission.take(80, leaving.signal);
    const small = admission.take(40, patient);
    leaving.abort(new Error('the client is gone'));
    await expect(large).rejects.toThrow('the client is gone');
    await small;
    expect([admission.heldBytes(), admission.waiting()]).toEqual([100, 0]);
  });

  it('refuses one that has left before it came', async () => {
    const admission = createAdmission(100);
    await expect(admission.take(1, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect([admission.heldBytes(), admission.waiting()]).toEqual([0, 0]);
  });

  it('never holds more than the budget, and everyone comes in at last', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 30 }), async (sizes) => {
        const admission = createAdmission(100);
        const held: GiveBack[] = [];
        const entered = sizes.map((bytes) =>
          admission.take(bytes, patient).then((giveBack) => {
            expect(admission.heldBytes()).toBeLessThanOrEqual(100);
            held.push(giveBack);
          }),
        );
        for (let turns = 0; turns < sizes.length; turns += 1) {
          await Promise.resolve();
          held.shift()?.();
        }
        while (held.length > 0 || admission.waiting() > 0) {
          held.shift()?.();
          await Promise.resolve();
        }
        await Promise.all(entered);
        for (const giveBack of held) {
          giveBack();
        }
        expect(admission.heldBytes()).toBe(0);
      }),
    );
  });
});
