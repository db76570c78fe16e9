import type { HostView } from '../model/target.ts';

export interface FakeHost extends HostView {
  /** Path to content; change it between reads to play what a kernel does. */
  files: Map<string, string>;
  links: Map<string, string>;
  sizes: Map<string, number>;
  fileSystems: Map<string, { sizeBytes: number; usedBytes: number }>;
  /** Files that may be written to or held open for it, and what a write leaves in them. */
  resets: Map<string, (files: Map<string, string>) => void>;
  /** Logs that may be followed, with what nobody has read yet; each is followed by one reader. */
  logs: Map<string, string>;
  /** Forgets a process with all its files. */
  removeProcess(pid: number): void;
}

/** A host made of captured files. */
export function fakeHost(files: Readonly<Record<string, string>> = {}): FakeHost {
  const host: FakeHost = {
    files: new Map(Object.entries(files)),
    links: new Map(),
    sizes: new Map(),
    fileSystems: new Map(),
    resets: new Map(),
    logs: new Map(),
    read: (path) => host.files.get(path) ?? null,
    list(path) {
      const names = new Set<string>();
      for (const known of [...host.files.keys(), ...host.links.keys()]) {
        const name = known.startsWith(`${path}/`) ? known.slice(path.length + 1).split('/')[0] : undefined;
        if (name !== undefined) {
          names.add(name);
        }
      }
      return [...names];
    },
    link: (path) => host.links.get(path) ?? null,
    size: (path) => host.sizes.get(path) ?? null,
    fileSystem: (path) => host.fileSystems.get(path) ?? null,
    hold(path) {
      const reset = host.resets.get(path);
      return reset === undefined
        ? null
        : {
            read: () => host.read(path),
            write() {
              reset(host.files);
              return true;
            },
            close() {},
          };
    },
    write(path) {
      const reset = host.resets.get(path);
      reset?.(host.files);
      return reset !== undefined;
    },
    follow(path) {
      return host.logs.has(path)
        ? {
            readNew() {
              const text = host.logs.get(path) ?? null;
              if (text !== null) {
                host.logs.set(path, '');
              }
              return text;
            },
            close() {},
          }
        : null;
    },
    removeProcess(pid) {
      for (const held of [host.files, host.links, host.sizes]) {
        for (const path of held.keys()) {
          if (path.startsWith(`/proc/${pid}/`)) {
            held.delete(path);
          }
        }
      }
    },
  };
  return host;
}

export interface FakeProcess {
  pid: number;
  parentPid: number;
  comm: string;
  startTicks?: number;
  state?: string;
  rssAnonKb?: number;
  socketInodes?: readonly string[];
  cgroup?: string;
}

/** Adds the files of one process in the kernel's own form. */
export function addProcess(host: FakeHost, process: FakeProcess): void {
  const { pid, parentPid, comm, startTicks = 5000 + pid, state = 'S', rssAnonKb = 4096 } = process;
  const folder = `/proc/${pid}`;
  host.files.set(
    `${folder}/stat`,
    `${pid} (${comm}) ${state} ${parentPid} ${pid} ${pid} 0 -1 4194304 97 0 3 0 150 50 0 0 20 0 7 0 ${startTicks} 3133440 361 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n`,
  );
  host.files.set(
    `${folder}/status`,
    [
      `Name:\t${comm}`,
      `State:\t${state} (sleeping)`,
      `Pid:\t${pid}`,
      `PPid:\t${parentPid}`,
      ...(state === 'Z'
        ? []
        : [
            `VmHWM:\t    ${rssAnonKb + 9000} kB`,
            `VmRSS:\t    ${rssAnonKb + 2048} kB`,
            `RssAnon:\t    ${rssAnonKb} kB`,
            'RssFile:\t    1536 kB',
            'RssShmem:\t     512 kB',
            'VmSwap:\t       0 kB',
          ]),
      'Threads:\t7',
      '',
    ].join('\n'),
  );
  host.files.set(
    `${folder}/limits`,
    'Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 20000                files     \n',
  );
  host.files.set(`${folder}/cgroup`, process.cgroup ?? '0::/\n');
  host.sizes.set(`${folder}/fd`, 12);
  for (const [index, inode] of (process.socketInodes ?? []).entries()) {
    host.links.set(`${folder}/fd/${index + 10}`, `socket:[${inode}]`);
  }
}

const tcpHeading = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

export interface FakeSocket {
  /** As the kernel numbers its states, in hex: 01 established, 0A listening. */
  state: '01' | '03' | '04' | '05' | '06' | '08' | '09' | '0A' | '0C';
  port: number;
  inode: string;
  receiveQueue?: number;
  sendQueueBytes?: number;
  address?: string;
}

/** A /proc/net/tcp table. */
export function tcpTable(sockets: readonly FakeSocket[]): string {
  const hex = (value: number, width: number): string => value.toString(16).toUpperCase().padStart(width, '0');
  const rows = sockets.map(
    (socket, index) =>
      `${String(index).padStart(4)}: ${socket.address ?? '0100007F'}:${hex(socket.port, 4)} 00000000:0000 ${socket.state} ` +
      `${hex(socket.sendQueueBytes ?? 0, 8)}:${hex(socket.receiveQueue ?? 0, 8)} 00:00000000 00000000     0        0 ${socket.inode} 1 000000000196e7c1 100 0 0 10 0`,
  );
  return `${[tcpHeading, ...rows].join('\n')}\n`;
}

/** Replaces one line of a status file. */
export function setStatus(host: FakeHost, pid: number, name: string, kilobytes: number): void {
  const path = `/proc/${pid}/status`;
  const text = host.files.get(path) ?? '';
  host.files.set(path, text.replace(new RegExp(`^${name}:.*$`, 'm'), `${name}:\t    ${kilobytes} kB`));
}

/** Of a process that `addProcess` made. */
export function setRssPages(host: FakeHost, pid: number, pages: number): void {
  const path = `/proc/${pid}/stat`;
  host.files.set(path, (host.files.get(path) ?? '').replace(/ 3133440 \d+ /, ` 3133440 ${pages} `));
}

/** What the kernel does at a 5: the mark falls to what is resident now. */
export function allowReset(host: FakeHost, pid: number): void {
  host.resets.set(`/proc/${pid}/clear_refs`, () => {
    setStatus(host, pid, 'VmHWM', Number(/VmRSS:\s+(\d+)/.exec(host.files.get(`/proc/${pid}/status`) ?? '')?.[1]));
  });
}
