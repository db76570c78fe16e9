import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Under pressure the front must stay answerable: it gets the processor first, the kernel takes a child first. */
function yieldToFront(): void {
  try {
    setPriority(5);
    writeFileSync('/proc/self/oom_score_adj', '300');
  } catch {
    // Both are courtesies that a sandbox may refuse.
  }
}

/** A child is named after its work and ends with its parent; `end` clears what it would leave behind. */
export function liveAsChild(title: string, end: () => void = () => undefined): void {
  const leave = (): void => {
    end();
    process.exit(0);
  };
  process.title = title;
  process.on('disconnect', leave);
  process.on('SIGTERM', leave);
  // The front ends its children itself; a Ctrl-C reaches the whole group and would end them first.
  process.on('SIGINT', () => undefined);
  yieldToFront();
}
