/** Runs actions one after another; `waiting` counts those that are not over. */
export interface Turns {
  take<T>(action: () => Promise<T>): Promise<T>;
  waiting(): number;
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    take(action) {
      waiting += 1;
      const result = last.then(action).finally(() => {
        waiting -= 1;
      });
      last = result.catch(() => undefined);
      return result;
    },
    waiting: () => waiting,
  };
}
