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

export interface ObservedTarget {
  id: string;
  description: string;
  host: HostView | null;
  /** The processes at this moment; children come and go. */
  processes(): readonly ProcessIdentity[];
  /** Paths below the cgroup file systems, or null where there is none. */
  cgroup: { v1Memory: string | null; v2: string | null };
  url: URL;
  healthPath: string;
  /** null: the target has no metrics page that we know of. */
  metricsUrl: URL | null;
}

export interface TargetFinder {
  id: string;
  title: string;
  /** Throws TARGET_UNREACHABLE if nothing listens. */
  find(options: { url: URL; host: HostView; healthPath: string; metricsUrl: URL | null }): ObservedTarget;
}
