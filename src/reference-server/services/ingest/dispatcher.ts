import type { Plan } from './plan.ts';

/** Batch sizes that a loader may take: granted, on their way, or waiting to be consumed. */
interface LoaderView {
  /** Tasks of each grant that has not come back yet, oldest first. */
  unstaged: number[];
  /** Batches that came and are not consumed. */
  waiting: number;
  /** It was told that there are no tasks left. */
  isDry: boolean;
}

/** Who may load how much: `prefetch` batches of each loader are under way or wait, never more. Sends nothing itself. */
export class Dispatcher {
  readonly #loaders: LoaderView[] = [];
  plan: Plan;

  constructor(plan: Plan) {
    this.plan = plan;
  }

  get unstagedTasks(): number {
    return this.#loaders.reduce((sum, { unstaged }) => sum + unstaged.reduce((tasks, size) => tasks + size, 0), 0);
  }

  get outstanding(): number {
    return this.#loaders.reduce((sum, { unstaged, waiting }) => sum + unstaged.length + waiting, 0);
  }

  /** No tasks are left, and nothing is on its way. */
  get isOver(): boolean {
    return this.#loaders.some(({ isDry }) => isDry) && this.outstanding === 0;
  }

  /** The next grant, to the loader with the least to do; null if all have enough or the size is 0. */
  next(sizeOf: () => number): { loader: number; tasks: number } | null {
    while (this.#loaders.length < this.plan.loaders) {
      this.#loaders.push({ unstaged: [], waiting: 0, isDry: false });
    }
    const busyness = ({ unstaged, waiting }: LoaderView): number => unstaged.length + waiting;
    const free = this.#loaders
      .slice(0, this.plan.loaders)
      .filter((view) => busyness(view) < this.plan.prefetch)
      .sort((a, b) => busyness(a) - busyness(b))[0];
    // One dry loader means that the job is: the others need not ask.
    if (free === undefined || this.#loaders.some(({ isDry }) => isDry)) {
      return null;
    }
    const tasks = sizeOf();
    if (tasks < 1) {
      return null;
    }
    free.unstaged.push(tasks);
    return { loader: this.#loaders.indexOf(free), tasks };
  }

  staged(loader: number): void {
    const view = this.#view(loader);
    view.unstaged.shift();
    view.waiting += 1;
  }

  dry(loader: number): void {
    const view = this.#view(loader);
    view.unstaged.shift();
    view.isDry = true;
  }

  consumed(loader: number): void {
    this.#view(loader).waiting -= 1;
  }

  #view(loader: number): LoaderView {
    const view = this.#loaders[loader];
    if (view === undefined) {
      throw new Error(`there is no loader ${loader}`);
    }
    return view;
  }
}
