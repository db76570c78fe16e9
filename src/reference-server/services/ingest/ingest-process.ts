import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { messageOf } from '../../../base/errors.ts';
import { type Child, endChildren } from '../../children.ts';
import type { DeviceAccess } from '../../device/device.ts';
import { imageChildEnv } from '../images/image-worker.ts';
import type { IngestSettings, IngestSetup } from './settings.ts';
import { makeStagingFolder, removeStagingFolder } from './staging-folder.ts';
import type { FromIngest, IngestState } from './workers/messages.ts';

const respawnMs = 1000;

/** Both limits, since Node raises its soft one to the hard one; where more is not allowed, the hard one stays. */
const limitThenExec = 'ulimit -n "$0" 2>/dev/null || ulimit -n "$(ulimit -H -n)"; exec "$@"';

function ingestPath(): string {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  return fileURLToPath(new URL(`./workers/ingest${extension}`, import.meta.url));
}

/** As `startChild`, under a limit of open files; its own children inherit that. */
function startLimited(setup: IngestSetup, nofile: number): Child {
  const node = [process.execPath, '--max-old-space-size=128', '--max-semi-space-size=2'];
  const subprocess = execa('sh', ['-c', limitThenExec, String(nofile), ...node, ingestPath(), JSON.stringify(setup)], {
    stdin: 'ignore',
    stdout: process.stderr,
    stderr: 'inherit',
    buffer: false,
    reject: false,
    ipc: true,
    env: imageChildEnv,
  });
  return {
    pid: subprocess.pid ?? null,
    send: (message) => {
      if (subprocess.connected) {
        subprocess.send(message, () => undefined);
      }
    },
    onMessage: (listener) => {
      subprocess.on('message', listener);
    },
    end: (force) => {
      subprocess.kill(force === 'force' ? 'SIGKILL' : 'SIGTERM');
    },
    exited: subprocess.then((result) => result.signal ?? `exit code ${result.exitCode ?? 'unknown'}`),
  };
}

/** The pull worker as the front sees it: one process, its folder, and what it last said of itself. */
export class IngestProcess {
  readonly #settings: IngestSettings;
  readonly #device: DeviceAccess;
  readonly #log: (line: string) => void;
  #running: { child: Child; folder: string } | null = null;
  #isStopping = false;
  /** Null before the first source, and while it is being started. */
  state: IngestState | null = null;
  /** Why it does not work; null while it does. */
  unable: string | null = null;

  constructor(settings: IngestSettings, device: DeviceAccess, log: (line: string) => void) {
    this.#settings = settings;
    this.#device = device;
    this.#log = log;
  }

  get hasSource(): boolean {
    return this.#running !== null;
  }

  /** Begins to pull from `jobsUrl`; throws `BenchError` if batches have no place to wait. */
  start(jobsUrl: string): void {
    const { nofile, ...rest } = this.#settings;
    const folder = makeStagingFolder(rest.stage);
    const child = startLimited({ ...rest, jobsUrl, device: this.#device, folder }, nofile);
    this.#running = { child, folder };
    child.onMessage((message) => this.#onMessage(message as FromIngest, nofile));
    void child.exited.then((how) => {
      removeStagingFolder(folder);
      this.state = null;
      if (!this.#isStopping) {
        this.#log(`ingest process ${child.pid ?? 'unknown'} is gone: ${how}`);
        setTimeout(() => this.#again(jobsUrl), respawnMs);
      }
    });
  }

  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    if (this.#running === null) {
      return;
    }
    const { child, folder } = this.#running;
    await endChildren([child], graceMs);
    removeStagingFolder(folder);
  }

  #again(jobsUrl: string): void {
    try {
      if (!this.#isStopping) {
        this.start(jobsUrl);
      }
    } catch (error) {
      this.unable = messageOf(error);
      this.#log(`ingest cannot work: ${this.unable}`);
    }
  }

  #onMessage(message: FromIngest, nofile: number): void {
    switch (message.type) {
      case 'state':
        if (this.state === null && message.state.fdLimit !== null && message.state.fdLimit < nofile) {
          this.#log(`the hard limit allows ${message.state.fdLimit} open files, not ${nofile}`);
        }
        this.state = message.state;
        return;
      case 'unable':
        this.unable = message.why;
        this.#log(`ingest cannot work: ${message.why}`);
        return;
    }
  }
}
