export type KernelEnd = 'done' | 'cancelled';

interface Kernel {
  ms: number;
  end(how: KernelEnd): void;
}

export interface KernelQueue {
  /** `end` is called once, after `ms` of device time. Returns what takes the kernel out early. */
  launch(ms: number, end: (how: KernelEnd) => void): () => void;
}

/** One kernel at a time, in the order of their launches, as a device runs the kernels of one stream. */
export function createKernelQueue(): KernelQueue {
  const waiting: Kernel[] = [];
  let running: { kernel: Kernel; timer: NodeJS.Timeout } | null = null;
  let freeAtMs = performance.now();

  const startNext = (): void => {
    const kernel = waiting.shift();
    if (kernel === undefined) {
      running = null;
      return;
    }
    // Counted from the end that was due, or late timers would add up over a long queue.
    freeAtMs += kernel.ms;
    const timer = setTimeout(
      () => {
        kernel.end('done');
        startNext();
      },
      Math.max(0, freeAtMs - performance.now()),
    );
    running = { kernel, timer };
  };

  const cancel = (kernel: Kernel): void => {
    const index = waiting.indexOf(kernel);
    if (index >= 0) {
      waiting.splice(index, 1);
      kernel.end('cancelled');
    } else if (running?.kernel === kernel) {
      clearTimeout(running.timer);
      freeAtMs = performance.now();
      kernel.end('cancelled');
      startNext();
    }
  };

  return {
    launch(ms, end) {
      const kernel = { ms, end };
      waiting.push(kernel);
      if (running === null) {
        freeAtMs = performance.now();
        startNext();
      }
      return () => cancel(kernel);
    },
  };
}
