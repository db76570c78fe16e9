/** The fields of /proc/PID/stat that are read here; ticks are 1/100 s. */
export interface ProcessStat {
  pid: number;
  comm: string;
  state: string;
  parentPid: number;
  majorFaults: number;
  cpuTicks: number;
  threads: number;
  startTicks: number;
  /** Resident memory in pages. Batched per processor on newer kernels, so it may lag behind status a little. */
  rssPages: number;
}

/** USER_HZ, which every Linux ABI in use fixes at 100. */
export const clockTicksPerSecond = 100;

/** null if the text is no stat line. */
export function parseProcessStat(text: string): ProcessStat | null {
  // comm may hold spaces and parentheses, so only the last one ends it.
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 1 || close < open) {
    return null;
  }
  // Every process at every tick: the 30 fields after the resident set are not even cut out.
  const fields = text.slice(close + 2).split(' ', 22);
  const number = (index: number): number => Number(fields[index] ?? Number.NaN);
  const stat = {
    pid: Number(text.slice(0, open)),
    comm: text.slice(open + 1, close),
    state: fields[0] ?? '',
    parentPid: number(1),
    majorFaults: number(9),
    cpuTicks: number(11) + number(12),
    threads: number(17),
    startTicks: number(19),
    rssPages: number(21),
  };
  const { pid, parentPid, majorFaults, cpuTicks, threads, startTicks, rssPages } = stat;
  return Number.isNaN(pid + parentPid + majorFaults + cpuTicks + threads + startTicks + rssPages) ? null : stat;
}

/** Names of the kernel's states, in the order of their numbers from 1 on (include/net/tcp_states.h). */
const tcpStates = [
  'established',
  'syn_sent',
  'syn_recv',
  'fin_wait1',
  'fin_wait2',
  'time_wait',
  'close',
  'close_wait',
  'last_ack',
  'listen',
  'closing',
  // A request that is not yet a socket of its own (TCP_NEW_SYN_RECV).
  'syn_recv',
] as const;
export type TcpState = (typeof tcpStates)[number] | 'other';

/** One row of /proc/net/tcp or tcp6. */
export interface TcpSocket {
  /** As the kernel prints it: hex, each 32-bit word in host order. */
  localAddressHex: string;
  localPort: number;
  state: TcpState;
  /** Unread bytes; on a listening socket the connections that wait to be accepted. */
  receiveQueue: number;
  sendQueueBytes: number;
  inode: string;
}

function tcpStateOf(hex: string | undefined): TcpState {
  return tcpStates[Number.parseInt(hex ?? '', 16) - 1] ?? 'other';
}

/** What waits to be sent and to be read, 32 bits each. */
const queuesPattern = /^([0-9A-F]{1,8}):([0-9A-F]{1,8})$/i;

/** The rows whose local port is `port`; lines of any other form are passed over. */
export function parseTcpTable(text: string, port: number): TcpSocket[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const sockets: TcpSocket[] = [];
  for (const line of text.split('\n')) {
    if (!line.includes(suffix)) {
      continue;
    }
    const fields = line.trim().split(/\s+/);
    const local = fields[1] ?? '';
    const [, sendHex, receiveHex] = queuesPattern.exec(fields[4] ?? '') ?? [];
    if (!local.endsWith(suffix) || sendHex === undefined || receiveHex === undefined) {
      continue;
    }
    sockets.push({
      localAddressHex: local.slice(0, -suffix.length),
      localPort: port,
      state: tcpStateOf(fields[3]),
      receiveQueue: Number.parseInt(receiveHex, 16),
      sendQueueBytes: Number.parseInt(sendHex, 16),
      inode: fields[9] ?? '',
    });
  }
  return sockets;
}

/** The paths of /proc/PID/cgroup: the v1 memory controller's and the v2 tree's. */
export function parseCgroupPaths(text: string): { v1Memory: string | null; v2: string | null } {
  const paths: { v1Memory: string | null; v2: string | null } = { v1Memory: null, v2: null };
  for (const line of text.split('\n')) {
    const match = /^(\d+):([^:]*):(.*)$/.exec(line);
    const path = match?.[3] ?? '';
    if (match?.[1] === '0' && match[2] === '') {
      paths.v2 = path;
    } else if (match?.[2]?.split(',').includes('memory') === true) {
      paths.v1Memory = path;
    }
  }
  return paths;
}

/** One line of /proc/PID/mountinfo. */
export interface Mount {
  /** The path inside the file system that is mounted. */
  root: string;
  mountPoint: string;
  type: string;
  isWritable: boolean;
  /** Of the file system, such as the controllers of a v1 cgroup mount. */
  superOptions: readonly string[];
}

function unescapeOctal(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** In the order of mounting: of two mounts at one place the later one is seen. */
export function parseMounts(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [before, after] = line.split(' - ');
    const fields = before?.split(' ') ?? [];
    const [type, , superOptions] = after?.split(' ') ?? [];
    const [root, mountPoint] = [fields[3], fields[4]];
    if (root === undefined || mountPoint === undefined || type === undefined) {
      continue;
    }
    mounts.push({
      root: unescapeOctal(root),
      mountPoint: unescapeOctal(mountPoint),
      type,
      isWritable: fields[5]?.split(',').includes('rw') === true && superOptions?.split(',').includes('rw') === true,
      superOptions: superOptions?.split(',') ?? [],
    });
  }
  return mounts;
}

/**
 * Where the files of a cgroup lie. A container mounts its own group as the root,
 * so the part of the path that is mounted is cut off.
 */
export function cgroupFolder(mounts: readonly Mount[], version: 'v1-memory' | 'v2', path: string): string | null {
  const mount = mounts.findLast((entry) =>
    version === 'v2' ? entry.type === 'cgroup2' : entry.type === 'cgroup' && entry.superOptions.includes('memory'),
  );
  if (mount === undefined) {
    return null;
  }
  const isBelowRoot = mount.root !== '/' && (path === mount.root || path.startsWith(`${mount.root}/`));
  const inside = isBelowRoot ? path.slice(mount.root.length) : path;
  return `${mount.mountPoint}${inside === '/' ? '' : inside}`;
}

/**
 * One number of a file of `key value` or `key: value kB` lines, kB as bytes; null if it is not there.
 * For a few of many lines: searching is much cheaper than taking all of them apart. `key` is not empty.
 */
export function keyedNumber(text: string, key: string): number | null {
  for (let at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + key.length)) {
    const after = text[at + key.length];
    if ((at === 0 || text[at - 1] === '\n') && (after === ':' || after === ' ' || after === '\t')) {
      const end = text.indexOf('\n', at);
      return lineNumber(text.slice(at + key.length + 1, end < 0 ? text.length : end));
    }
  }
  return null;
}

/** `  123 kB` as bytes, `123` as it is; null for any other text. */
function lineNumber(text: string): number | null {
  const trimmed = text.trim();
  const isKibibytes = trimmed.endsWith(' kB');
  const value = isKibibytes ? Number(trimmed.slice(0, -3)) * 1024 : Number(trimmed);
  return trimmed === '' || !Number.isInteger(value) || value < 0 ? null : value;
}

/** `key value` or `key: value kB` lines as numbers; kB becomes bytes. */
export function parseKeyedNumbers(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    const blank = line.search(/\s/);
    const value = blank < 1 ? null : lineNumber(line.slice(blank));
    const key = line.slice(0, line[blank - 1] === ':' ? blank - 1 : blank);
    if (value !== null && key !== '') {
      values.set(key, value);
    }
    start = end + 1;
  }
  return values;
}
