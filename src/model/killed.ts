/** A process that the kernel's log says was killed for memory. */
export interface Killed {
  name: string;
  pid: number;
}

/** As the detail of an `oom_kill` event begins to tell of it; `;` stands between the parts of a detail. */
export function tellKilled({ name, pid }: Killed): string {
  return `kernel log: killed ${name.replaceAll(';', ',')}#${pid}`;
}

/** Whom a detail names, in its order. */
export function killedIn(detail: string): readonly Killed[] {
  return [...detail.matchAll(/kernel log: killed ([^;]*?)#(\d+)(?= with | at |;|$)/g)].map(([, name = '', pid]) => ({
    name,
    pid: Number(pid),
  }));
}
