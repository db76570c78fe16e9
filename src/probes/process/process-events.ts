import { instanceOf, type SeenProcess } from './seen-process.ts';

export interface ProbeEvent {
  kind: string;
  subject: string;
  detail: string;
}

function identityText({ identity, role }: SeenProcess): string {
  return `pid ${identity.pid}, role ${role}, start ticks ${identity.startTicks}`;
}

/** `formerRole`: it lived already, under another name. */
export function started(seen: SeenProcess, formerRole: string | null): ProbeEvent {
  const { identity, instance } = seen;
  const renamed = formerRole === null ? '' : `, was ${instanceOf(formerRole, identity.pid)}`;
  const root = identity.isRoot ? ', root' : '';
  const detail = `${identityText(seen)}, parent ${identity.parentPid}${root}${renamed}`;
  return { kind: 'process_start', subject: instance, detail };
}

/** What went with it: what it held when it was seen last, and the most that it ever held. */
export function gone(seen: SeenProcess): ProbeEvent {
  const { rss_anon_bytes: anon, swap_bytes: swap, rss_shmem_bytes: shmem, hwm_lifetime_bytes: peak } = seen.atLastSight;
  const held = [
    ['anon', anon],
    ['swap', swap],
    ['shmem', shmem],
    ['peak', peak],
  ].flatMap(([name, bytes]) => (bytes === null ? [] : [`${name} ${bytes} bytes`]));
  const root = seen.identity.isRoot ? ', root' : '';
  const last = held.length === 0 ? '' : `, at last sight ${held.join(', ')}`;
  return { kind: 'process_gone', subject: seen.instance, detail: `${identityText(seen)}${root}${last}` };
}

const lostWith: Readonly<Record<string, string>> = {
  clear_refs: 'hwm_bytes (/proc/PID/clear_refs)',
  io: 'io_read_bytes (/proc/PID/io)',
};

/** The values that nobody will see, and what to do. */
export function refusedEvent({ instance, refused }: SeenProcess): ProbeEvent {
  const what = [...refused].map((file) => lostWith[file] ?? file).join(' and ');
  return {
    kind: 'probe_unavailable',
    subject: 'process-memory',
    detail: `no ${what} of ${instance}: refused; run as the server's user or as root`,
  };
}

export const hidden: ProbeEvent = {
  kind: 'probe_unavailable',
  subject: 'process-memory',
  detail: "/proc hides the processes of other users (hidepid); run as the server's user or as root",
};
