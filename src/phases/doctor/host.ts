import { parseKeyedNumbers } from '../../base/procfs.ts';
import { formatBytes, formatShare } from '../../base/units.ts';
import type { HostView } from '../../model/target.ts';
import type { DoctorFacts, DoctorRow } from './row.ts';

/** Below this the host itself may be what runs short. */
const scarceRatio = 0.1;
/** What container runtimes give /dev/shm unless told otherwise. */
const smallShmBytes = 64 * 1024 ** 2;
/** Each open request of the load takes one, and so does each file that is read. */
const fewFiles = 4096;

type Row = Omit<DoctorRow, 'group'>;

function systemRow(host: HostView, { platform }: DoctorFacts): Row {
  const release = host.read('/proc/sys/kernel/osrelease')?.trim() ?? null;
  return release === null
    ? {
        what: 'system',
        state: 'no',
        found: `${platform}, without /proc`,
        remedy: "run bench on the server's Linux host, or take memory from --prometheus",
      }
    : { what: 'system', state: 'yes', found: `Linux ${release}`, remedy: null };
}

function coresRow(host: HostView): Row {
  const cores = (host.read('/proc/cpuinfo') ?? '').match(/^processor\s*:/gm)?.length ?? null;
  const load = Number(host.read('/proc/loadavg')?.split(' ')[0] ?? Number.NaN);
  const isBusy = cores !== null && load > cores;
  return {
    what: 'cores',
    state: cores === null ? 'no' : isBusy ? 'partly' : 'yes',
    found: `${cores ?? 'unknown number'}, load average ${Number.isNaN(load) ? 'not readable' : load.toFixed(2)}`,
    remedy: isBusy ? 'wait until the host is quiet: a busy host delays the load and the samples' : null,
  };
}

function memoryRow(values: ReadonlyMap<string, number>): Row {
  const total = values.get('MemTotal') ?? null;
  const available = values.get('MemAvailable') ?? null;
  const isScarce = total !== null && available !== null && available < scarceRatio * total;
  return {
    what: 'memory',
    state: total === null || available === null ? 'no' : isScarce ? 'partly' : 'yes',
    found: `${formatBytes(total)}, available ${formatBytes(available)}${total === null || available === null ? '' : ` (${formatShare(available / total)})`}`,
    remedy: isScarce ? 'free memory first, or the host is what runs short' : null,
  };
}

function swapRow(values: ReadonlyMap<string, number>): Row {
  const total = values.get('SwapTotal') ?? null;
  const free = values.get('SwapFree') ?? null;
  return {
    what: 'swap',
    state: total === null ? 'no' : 'yes',
    found: total === 0 ? 'none' : `${formatBytes(total)}, free ${formatBytes(free)}; it delays and slows a death`,
    remedy: null,
  };
}

function shmRow(host: HostView): Row {
  const found = host.fileSystem('/dev/shm');
  if (found === null) {
    return { what: '/dev/shm', state: 'absent', found: 'not mounted', remedy: null };
  }
  const isSmall = found.sizeBytes <= smallShmBytes;
  return {
    what: '/dev/shm',
    state: isSmall ? 'partly' : 'yes',
    found: `${formatBytes(found.sizeBytes)}, used ${formatBytes(found.usedBytes)}`,
    remedy: isSmall ? 'servers that share tensors need more: docker run --shm-size=1g' : null,
  };
}

function filesRow(host: HostView): Row {
  const text = /^Max open files\s+(\S+)/m.exec(host.read('/proc/self/limits') ?? '')?.[1] ?? null;
  const isFew = text !== null && Number(text) < fewFiles;
  return {
    what: 'open files',
    state: text === null ? 'no' : isFew ? 'partly' : 'yes',
    found: text === null ? '/proc/self/limits cannot be read' : `soft limit ${text} for bench`,
    remedy: isFew ? 'ulimit -n 65536, so that many open requests are no limit of the harness' : null,
  };
}

function limitRow({ limit }: DoctorFacts): Row {
  const what = '--memory-limit';
  const remedy = 'run as root, or in a delegated scope: systemd-run --user --scope -p Delegate=yes bench …';
  if ('why' in limit) {
    return { what, state: 'no', found: limit.why, remedy };
  }
  return limit.isOfSum
    ? { what, state: 'yes', found: limit.how, remedy: null }
    : { what, state: 'partly', found: limit.how, remedy };
}

/** How this machine is, for a run; where there is no /proc, only that is said. */
export function hostRows(host: HostView, facts: DoctorFacts): readonly DoctorRow[] {
  const system = systemRow(host, facts);
  const memory = parseKeyedNumbers(host.read('/proc/meminfo') ?? '');
  const rows =
    system.state === 'no'
      ? [system]
      : [system, coresRow(host), memoryRow(memory), swapRow(memory), shmRow(host), filesRow(host), limitRow(facts)];
  return rows.map((row) => ({ group: 'host', ...row }));
}
