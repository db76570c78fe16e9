/** Reads of one host: this machine, an agent's, or captured files in a test. Paths are absolute. */
export interface HostView {
  /** null for a file that cannot be read. */
  read(path: string): string | null;
  /** Names in a folder; empty if it cannot be listed. */
  list(path: string): readonly string[];
  /** Target of a symbolic link, or null. */
  link(path: string): string | null;
  /** Size in bytes as `stat` tells it, or null. On Linux 6.2+ the size of /proc/PID/fd is its count. */
  size(path: string): number | null;
  /** Block size times blocks of a file system, or null. */
  fileSystem(path: string): { sizeBytes: number; usedBytes: number } | null;
  /** Opens a file for reading and writing and keeps it open; null if that is not allowed. */
  hold(path: string): HeldFile | null;
  /** Writes to a file that is there, such as /proc/PID/clear_refs; false if that is not allowed. */
  write(path: string, text: string): boolean;
  /** Follows a log from now on, such as /dev/kmsg; null if it may not be read. */
  follow(path: string): FollowedLog | null;
}

/** A log of which only what is new is read. */
export interface FollowedLog {
  /** What was written since the last call, never waited for; null if it can no longer be read. */
  readNew(): string | null;
  close(): void;
}

/** A file kept open, since the kernel resets some high-water marks for one open file only. */
export interface HeldFile {
  /** Always from the file's beginning; null if it can no longer be read. */
  read(): string | null;
  /** False if the kernel refused. */
  write(text: string): boolean;
  close(): void;
}

/** A process is identified by pid and start time together, never by pid alone. */
export interface ProcessIdentity {
  pid: number;
  startTicks: number;
  parentPid: number;
  /** comm of the kernel, at most 15 characters: the role under which memory is booked. */
  role: string;
  isRoot: boolean;
}

/**
 * Which memory is looked at. All but the first override what the port of the URL says.
 * `prometheus`: nothing is read during the run; the series are asked for when it has ended.
 */
export type Observe =
  | { by: 'listening-socket' }
  | { by: 'pid'; pid: number }
  | { by: 'cgroup'; path: string }
  | { by: 'unit'; unit: string }
  | { by: 'container'; container: string }
  | { by: 'prometheus'; url: string; selector: string };

/** What is known of a target before anybody looked for it. */
export interface TargetAddress {
  /** null: no server is called, as beside somebody else's load. */
  url: URL | null;
  healthPath: string;
  /** null: it has no readiness page of its own. */
  readyPath: string | null;
  /** null: the target has no metrics page that we know of. */
  metricsUrl: URL | null;
  /** Socket on which the reference server's virtual device answers monitors; null for every other target. */
  deviceMonitor: string | null;
}

export interface ObservedTarget extends TargetAddress {
  id: Observe['by'];
  description: string;
  host: HostView | null;
  /** The processes at this moment; children come and go. */
  processes(): readonly ProcessIdentity[];
  /** Paths below the cgroup file systems, or null where there is none. */
  cgroup: { v1Memory: string | null; v2: string | null };
}

export interface TargetFinder {
  id: Observe['by'];
  title: string;
  /** Throws TARGET_UNREACHABLE if it is not there, USAGE if it cannot be found this way. */
  find(observe: Observe, address: TargetAddress, host: HostView): Promise<ObservedTarget>;
}

/** A finder for one way of observing; it is never asked for another. */
export function defineFinder<const By extends Observe['by']>(finder: {
  id: By;
  title: string;
  find(observe: Extract<Observe, { by: By }>, address: TargetAddress, host: HostView): Promise<ObservedTarget>;
}): TargetFinder {
  return {
    ...finder,
    find(observe, address, host) {
      if (observe.by !== finder.id) {
        throw new TypeError(`${finder.id} was asked to observe by ${observe.by}`);
      }
      return finder.find(observe as Extract<Observe, { by: By }>, address, host);
    },
  };
}
