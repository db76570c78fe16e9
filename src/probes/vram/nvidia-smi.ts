import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { execa } from 'execa';
import type { GpuProcess, GpuReading, GpuSource } from './gpu-source.ts';

const mebibyte = 1024 ** 2;

export interface NvidiaSmiOptions {
  command: string;
  devicesEveryMs: number;
  /** A list of processes costs more; nobody needs it each second. */
  processesEveryMs: number;
  /** Starting it initialises the driver where nothing else keeps it up: 1.5 to 6 s. */
  firstLineWithinMs: number;
  nowMs(): number;
}

export const realNvidiaSmi: NvidiaSmiOptions = {
  command: 'nvidia-smi',
  devicesEveryMs: 1000,
  processesEveryMs: 5000,
  firstLineWithinMs: 6000,
  nowMs: () => performance.now(),
};

const staleAfterIntervals = 3;
/** The lines of one round come in one go. */
const roundRatio = 0.2;
const endWithinMs = 500;
const keptErrorCharacters = 500;

const fieldsOf = (line: string): string[] => line.split(',').map((field) => field.trim());
/** null for `[N/A]`, `[Not Supported]` and their like. */
const numberIn = (field: string | undefined): number | null => (/^\d+$/.test(field ?? '') ? Number(field) : null);
const bytesIn = (field: string | undefined): number | null => {
  const mebibytes = numberIn(field);
  return mebibytes === null ? null : mebibytes * mebibyte;
};

const deviceQuery = 'uuid,memory.used,memory.free,memory.total,utilization.gpu';

/** A line of `deviceQuery`; null for anything else that it prints. */
export function parseDeviceLine(line: string): Omit<GpuReading, 'processes'> | null {
  const [uuid, used, free, total, utilization, ...rest] = fieldsOf(line);
  return uuid?.startsWith('GPU-') !== true || utilization === undefined || rest.length > 0
    ? null
    : {
        instance: `cuda:${uuid}`,
        usedBytes: bytesIn(used),
        freeBytes: bytesIn(free),
        totalBytes: bytesIn(total),
        reservedBytes: null,
        utilizationPercent: numberIn(utilization),
      };
}

const processQuery = 'gpu_uuid,pid,used_memory';

/** A line of `processQuery`. */
export function parseProcessLine(line: string): (GpuProcess & { instance: string }) | null {
  const [uuid, pidText, used] = fieldsOf(line);
  const pid = numberIn(pidText);
  return uuid?.startsWith('GPU-') !== true || pid === null || used === undefined
    ? null
    : { instance: `cuda:${uuid}`, pid, bytes: bytesIn(used) };
}

interface Stream {
  /** Why nothing comes any more; null while it runs. */
  ended(): string | null;
  close(): Promise<void>;
}

function isInstalled(command: string): boolean {
  const places = command.includes('/')
    ? [command]
    : (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, command));
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function follow(
  start: typeof execa,
  { command, query, everyMs }: { command: string; query: string; everyMs: number },
  onLine: (line: string) => void,
  onEnd: () => void,
): Stream {
  const child = start(command, [query, '--format=csv,noheader,nounits', '-lms', String(everyMs)], {
    buffer: false,
    reject: false,
    stdin: 'ignore',
    forceKillAfterDelay: endWithinMs,
  });
  let ended: string | null = null;
  let lastText = '';
  child.stderr.on('data', (chunk: Buffer) => {
    lastText = `${lastText}${chunk.toString('utf8')}`.slice(-keptErrorCharacters);
  });
  // What goes wrong with the driver it tells on stdout.
  createInterface({ input: child.stdout })
    .on('line', (line) => {
      lastText = line;
      onLine(line);
    })
    // It repeats what goes wrong with the pipe; the end of the process says the rest.
    .on('error', () => undefined);
  const exited = child.then((result) => {
    const how = result.signal ?? (result.exitCode === undefined ? 'not on PATH' : `exit code ${result.exitCode}`);
    ended = `${how}${lastText === '' ? '' : `: ${lastText.trim().split('\n').at(-1)}`}`;
    onEnd();
  });
  return {
    ended: () => ended,
    async close() {
      child.kill();
      await exited;
    },
  };
}

/** The newest whole list of processes. A round without a process prints nothing, so silence says nothing. */
class ProcessRounds {
  readonly #everyMs: number;
  readonly #nowMs: () => number;
  #startedMs: number;
  #round: (GpuProcess & { instance: string })[] = [];
  #isTold = true;

  constructor({ processesEveryMs, nowMs }: NvidiaSmiOptions) {
    this.#everyMs = processesEveryMs;
    this.#nowMs = nowMs;
    this.#startedMs = nowMs();
  }

  add(line: string): void {
    const process = parseProcessLine(line);
    if (process === null) {
      return;
    }
    if (this.#nowMs() - this.#startedMs > roundRatio * this.#everyMs || this.#round.length === 0) {
      this.#round = [];
      this.#startedMs = this.#nowMs();
      this.#isTold = false;
    }
    this.#round.push(process);
  }

  /** To be asked for once for each reading. */
  take(): 'unchanged' | readonly (GpuProcess & { instance: string })[] | null {
    const ageMs = this.#nowMs() - this.#startedMs;
    if (ageMs > staleAfterIntervals * this.#everyMs) {
      return null;
    }
    if (this.#isTold || ageMs < roundRatio * this.#everyMs) {
      return 'unchanged';
    }
    this.#isTold = true;
    return this.#round;
  }
}

class Followed {
  readonly #options: NvidiaSmiOptions;
  readonly #devices = new Map<string, { reading: Omit<GpuReading, 'processes'>; atMs: number }>();
  readonly #rounds: ProcessRounds;
  readonly #deviceStream: Stream;
  readonly #processStream: Stream;

  /** `onFirst` is told once it has a device, or will have none. */
  constructor(options: NvidiaSmiOptions, start: typeof execa, onFirst: () => void) {
    this.#options = options;
    this.#rounds = new ProcessRounds(options);
    const { command } = options;
    this.#deviceStream = follow(
      start,
      { command, query: `--query-gpu=${deviceQuery}`, everyMs: options.devicesEveryMs },
      (line) => {
        const reading = parseDeviceLine(line);
        if (reading !== null) {
          this.#devices.set(reading.instance, { reading, atMs: options.nowMs() });
          onFirst();
        }
      },
      onFirst,
    );
    this.#processStream = follow(
      start,
      { command, query: `--query-compute-apps=${processQuery}`, everyMs: options.processesEveryMs },
      (line) => this.#rounds.add(line),
      () => undefined,
    );
  }

  /** Why it is of no use; null once it has told a device. */
  whyNot(): string | null {
    return this.#devices.size > 0
      ? null
      : (this.#deviceStream.ended() ?? `nothing printed in ${this.#options.firstLineWithinMs / 1000} s`);
  }

  read(): { readings: GpuReading[]; problems: string[] } {
    const nowMs = this.#options.nowMs();
    const processesEnded = this.#processStream.ended();
    const rounds = processesEnded === null ? this.#rounds.take() : null;
    const devicesEnded = this.#deviceStream.ended();
    const problems = [devicesEnded, processesEnded].flatMap((how) => (how === null ? [] : `nvidia-smi ended: ${how}`));
    if (rounds === null && processesEnded === null) {
      problems.push('nvidia-smi lists no process; it prints nothing where there is none');
    }
    const readings = [...this.#devices.values()].map(({ reading, atMs }): GpuReading => {
      const { instance } = reading;
      const isStale = devicesEnded !== null || nowMs - atMs > staleAfterIntervals * this.#options.devicesEveryMs;
      if (isStale && devicesEnded === null) {
        problems.push(`nvidia-smi has told nothing for ${staleAfterIntervals} intervals`);
      }
      const processes = Array.isArray(rounds) ? rounds.filter((process) => process.instance === instance) : rounds;
      return {
        instance,
        totalBytes: isStale ? null : reading.totalBytes,
        usedBytes: isStale ? null : reading.usedBytes,
        freeBytes: isStale ? null : reading.freeBytes,
        reservedBytes: null,
        utilizationPercent: isStale ? null : reading.utilizationPercent,
        processes: isStale ? null : processes,
      };
    });
    return { readings, problems };
  }

  async close(): Promise<void> {
    await Promise.all([this.#deviceStream.close(), this.#processStream.close()]);
  }
}

/**
 * Two processes that live as long as the probe, each printing one query again and again: starting it
 * for each sample would cost seconds and keep the device from resting.
 */
export function nvidiaSmi(options: NvidiaSmiOptions): GpuSource {
  return {
    name: 'nvidia-smi',
    tellsHostPids: true,
    async open() {
      if (!isInstalled(options.command)) {
        return 'not on PATH';
      }
      // Only here: loading it takes a third of the sampler's start.
      const { execa: start } = await import('execa');
      let onFirst: (() => void) | undefined;
      const first = new Promise<void>((resolve) => {
        onFirst = resolve;
      });
      const followed = new Followed(options, start, () => onFirst?.());
      const timer = setTimeout(() => onFirst?.(), options.firstLineWithinMs);
      await first;
      clearTimeout(timer);
      const why = followed.whyNot();
      if (why !== null) {
        await followed.close();
        return why;
      }
      return { read: () => Promise.resolve(followed.read()), close: () => followed.close() };
    },
  };
}
