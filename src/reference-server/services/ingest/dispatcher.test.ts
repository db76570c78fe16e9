import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dispatcher } from './dispatcher.ts';

const plan = { loaders: 2, batch: 4, prefetch: 3 };

function grantAll(dispatcher: Dispatcher, size = 4): number[] {
  const loaders: number[] = [];
  for (let grant = dispatcher.next(() => size); grant !== null; grant = dispatcher.next(() => size)) {
    loaders.push(grant.loader);
  }
  return loaders;
}

describe('Dispatcher', () => {
  it('grants prefetch batches to each loader, evenly', () => {
    const dispatcher = new Dispatcher(plan);
    expect(grantAll(dispatcher)).toEqual([0, 1, 0, 1, 0, 1]);
    expect([dispatcher.outstanding, dispatcher.unstagedTasks]).toEqual([6, 24]);
  });

  it('grants the next one to the loader whose batch was taken', () => {
    const dispatcher = new Dispatcher(plan);
    grantAll(dispatcher);
    dispatcher.staged(1);
    expect(grantAll(dispatcher)).toEqual([]);
    dispatcher.consumed(1);
    expect(grantAll(dispatcher)).toEqual([1]);
  });

  it('grants nothing while the size is 0, and asks for none when all are busy', () => {
    const dispatcher = new Dispatcher(plan);
    expect(dispatcher.next(() => 0)).toBeNull();
    grantAll(dispatcher);
    expect(
      dispatcher.next(() => {
        throw new Error('asked');
      }),
    ).toBeNull();
  });

  it('stops at the first loader that finds no tasks, and is over when all have come back', () => {
    const dispatcher = new Dispatcher({ loaders: 1, batch: 4, prefetch: 2 });
    grantAll(dispatcher);
    dispatcher.staged(0);
    dispatcher.dry(0);
    expect([grantAll(dispatcher), dispatcher.isOver]).toEqual([[], false]);
    dispatcher.consumed(0);
    expect([grantAll(dispatcher), dispatcher.isOver]).toEqual([[], true]);
  });

  it('is not over before it began', () => {
    expect(new Dispatcher(plan).isOver).toBe(false);
  });

  it('takes a wider plan at once, and lets a narrower one drain', () => {
    const dispatcher = new Dispatcher({ loaders: 1, batch: 2, prefetch: 1 });
    grantAll(dispatcher, 2);
    dispatcher.plan = plan;
    expect(grantAll(dispatcher)).toEqual([1, 0, 1, 0, 1]);
    dispatcher.plan = { loaders: 1, batch: 4, prefetch: 1 };
    expect(grantAll(dispatcher)).toEqual([]);
  });

  it('knows no loader that it has not asked', () => {
    expect(() => new Dispatcher(plan).staged(0)).toThrow('there is no loader 0');
  });

  it('never has more than W x PF batches under way or waiting', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('stage', 'consume'), { maxLength: 60 }), (turns) => {
        const dispatcher = new Dispatcher(plan);
        const unstaged = grantAll(dispatcher);
        const waiting: number[] = [];
        for (const turn of turns) {
          const from = turn === 'stage' ? unstaged : waiting;
          const loader = from.shift();
          if (loader === undefined) {
            continue;
          }
          if (turn === 'stage') {
            dispatcher.staged(loader);
            waiting.push(loader);
          } else {
            dispatcher.consumed(loader);
          }
          unstaged.push(...grantAll(dispatcher));
          expect(dispatcher.outstanding).toBe(6);
        }
      }),
    );
  });
});
