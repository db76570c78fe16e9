import type { Clock } from '../../base/clock.ts';

const mib = 1024 ** 2;
/** What the kernel holds on behalf of a group, and of each process in it: stacks, page tables, socket buffers. */
const kernelBytes = 5 * mib;
const kernelBytesPerProcess = 0.4 * mib;
const firstPid = 100;
const usualDescriptors = 30;
const usualFdLimit = 65_536;

/** A process of the target as the kernel would show it; bytes. */
export class SimProcess {
  readonly instance: string;
  readonly role: string;
  readonly isRoot: boolean;
  anonBytes = 0;
  swapBytes = 0;
  lockedBytes = 0;
  threads = 11;
  fds = usualDescriptors;
  fdLimit = usualFdLimit;
  isGone = false;
  readonly #clock: Clock;
  #cores = 0;
  #cpuSeconds = 0.4;
  #sinceMs: number;

  constructor(clock: Clock, role: string, pid: number, isRoot: boolean) {
    this.#clock = clock;
    this.#sinceMs = clock.nowMs();
    this.role = role;
    this.instance = `${role}#${pid}`;
    this.isRoot = isRoot;
  }

  /** Cores that it takes from now on. */
  work(cores: number): void {
    this.cpuSeconds();
    this.#cores = cores;
  }

  /** User and system time so far. */
  cpuSeconds(): number {
    const nowMs = this.#clock.nowMs();
    this.#cpuSeconds += (this.#cores * (nowMs - this.#sinceMs)) / 1000;
    this.#sinceMs = nowMs;
    return this.#cpuSeconds;
  }
}

export interface SimHostSize {
  /** Of the target's own group; null: none. */
  limitBytes: number | null;
  memoryBytes: number;
  swapBytes: number;
  deviceBytes: number;
}

/** Memory of the target's processes, of files in memory and of the card, and the kernel that kills at the limit. */
export class SimHost {
  readonly size: SimHostSize;
  /** The process that everything hangs on; null before the first. */
  root: SimProcess | null = null;
  /** Device bytes of the target's processes, and of the neighbour's. */
  deviceTreeBytes = 0;
  deviceOthersBytes = 0;
  shmBytes = 0;
  kills = 0;
  firstKillMs: number | null = null;
  onKill: (victim: SimProcess) => void = () => undefined;
  readonly #clock: Clock;
  /** A run of programs has thousands that are gone: nothing may have to pass them. */
  #living: readonly SimProcess[] = [];
  #nextPid = firstPid;
  #highestBytes = 0;

  constructor(clock: Clock, size: SimHostSize) {
    this.#clock = clock;
    this.size = size;
  }

  spawn(role: string, anonBytes: number, isRoot = false): SimProcess {
    const started = new SimProcess(this.#clock, role, this.#nextPid, isRoot);
    this.#nextPid += 1;
    this.#living = [...this.#living, started];
    this.root = isRoot ? started : this.root;
    this.hold(started, anonBytes);
    return started;
  }

  /** More, or with a number below 0 less, anonymous memory of a process. */
  hold(owner: SimProcess, bytes: number): void {
    if (!owner.isGone) {
      owner.anonBytes = Math.max(0, owner.anonBytes + bytes);
      this.#enforce();
    }
  }

  holdShm(bytes: number): void {
    this.shmBytes = Math.max(0, this.shmBytes + bytes);
    this.#enforce();
  }

  end(ended: SimProcess): void {
    ended.isGone = true;
    ended.anonBytes = 0;
    ended.swapBytes = 0;
    ended.lockedBytes = 0;
    ended.work(0);
    this.#living = this.#living.filter((one) => one !== ended);
  }

  living(): readonly SimProcess[] {
    return this.#living;
  }

  anonBytes(): number {
    return this.#living.reduce((sum, { anonBytes }) => sum + anonBytes, 0);
  }

  kernelBytes(): number {
    return kernelBytes + kernelBytesPerProcess * this.living().length;
  }

  /** What the kernel cannot drop to make room. */
  heldBytes(): number {
    return this.anonBytes() + this.shmBytes + this.kernelBytes();
  }

  boundBytes(): number {
    return Math.min(this.size.limitBytes ?? Number.POSITIVE_INFINITY, this.size.memoryBytes);
  }

  freeBytes(): number {
    return Math.max(0, this.boundBytes() - this.heldBytes());
  }

  /** The high-water mark since it was last asked for. */
  takeHighest(): number {
    const highestBytes = Math.max(this.#highestBytes, this.heldBytes());
    this.#highestBytes = this.heldBytes();
    return highestBytes;
  }

  /** The largest process goes first, as by the kernel's badness (mm/oom_kill.c); files in memory free nothing. */
  #enforce(): void {
    const killed: SimProcess[] = [];
    this.#highestBytes = Math.max(this.#highestBytes, Math.min(this.heldBytes(), this.boundBytes()));
    while (this.heldBytes() > this.boundBytes()) {
      const [victim] = this.living().toSorted((a, b) => b.anonBytes - a.anonBytes);
      if (victim === undefined) {
        break;
      }
      this.end(victim);
      this.kills += 1;
      this.firstKillMs ??= this.#clock.nowMs();
      killed.push(victim);
    }
    for (const victim of killed) {
      this.onKill(victim);
    }
  }
}
