import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError } from '../../base/errors.ts';
import { clockTicksPerSecond, parseProcessStat } from '../../base/procfs.ts';
import type { EngineContext } from '../../model/engine.ts';
import type { PlanRow, StageRows } from '../../model/plan.ts';
import { writeBodies } from './bodies.ts';
import type { K6Ending } from './exit-code.ts';
import { type JoinEnd, StageJoin } from './join.ts';
import { type RunningK6, startK6 } from './k6-process.ts';
import type { Judge } from './outcome.ts';
import { scriptData, scriptText } from './script.ts';
import { draftStage, type PlacedStages, placeStages, type StageDraft } from './stage-script.ts';
import { splitAddress } from './target-address.ts';
import { wallAnchor } from './wall-anchor.ts';

const pageBytes = 4096;

/** What every stage of a session shares. */
export interface SessionParts {
  context: EngineContext;
  judge: Judge;
  k6Path: string;
}

export interface Cost {
  rssBytes: number;
  cpuSeconds: number;
}

export interface StageRunOptions {
  key: string;
  durationMs: number;
  onStart(lateMs: number): void;
}

/** One stage: bodies on disk, a script, a k6, and a record for each row that it sends. */
export class StageRun {
  readonly gone: Promise<void>;
  readonly #parts: SessionParts;
  readonly #planned: StageRows;
  readonly #options: StageRunOptions;
  readonly #draft: StageDraft;
  readonly #placed: PlacedStages;
  readonly #join: StageJoin;
  readonly #workFolder: string;
  #markGone: () => void = () => undefined;
  #k6: RunningK6 | null = null;
  #wasInterrupted = false;
  #isGone = false;
  #failure: unknown = null;
  #cost: Cost = { rssBytes: 0, cpuSeconds: 0 };

  /** Throws ENGINE_CANNOT_KEEP_PLAN; nothing is written yet. */
  constructor(parts: SessionParts, rows: StageRows, options: StageRunOptions) {
    const { context, judge } = parts;
    this.#parts = parts;
    this.#planned = rows;
    this.#options = options;
    this.#draft = draftStage(rows, { key: options.key, startMs: 0, durationMs: options.durationMs });
    this.#placed = placeStages([this.#draft], judge.adapter, judge.options);
    const { bodies } = this.#placed;
    const anchor = wallAnchor(context.clock);
    const { isOpen, leadMs } = this.#draft;
    this.#join = new StageJoin(
      { key: options.key, isOpen, rows: this.#draft.rows, leadMs, stride: 1, first: 0 },
      {
        judge,
        toRunMs: (wallMs) => wallMs - anchor.wallMs + anchor.runMs,
        bodyBytesOf: (row) => bodies.places[bodies.indexOf.get(row.item.id) ?? -1]?.length ?? 0,
        onRecord: (record) => context.onRecord(record),
        onStart: (_, startMs, plannedMs) => options.onStart(startMs - plannedMs),
      },
    );
    this.#workFolder = mkdtempSync(join(tmpdir(), 'headroom-k6-'));
    this.gone = new Promise((resolve) => {
      this.#markGone = resolve;
    });
  }

  /** Resolves once k6 runs, or has failed to; `rethrow` then tells why. */
  async start(signal: AbortSignal): Promise<void> {
    try {
      const bodiesPath = join(this.#workFolder, 'bodies.bin');
      await writeBodies(this.#placed, bodiesPath, signal);
      signal.throwIfAborted();
      const k6 = await startK6({
        k6Path: this.#parts.k6Path,
        scriptPath: this.#writeScript(),
        pipePath: join(this.#workFolder, 'samples'),
        logPath: this.#fileOf('log'),
        environment: this.#environment(bodiesPath),
        onSamples: (samples) => this.#join.take(samples),
      });
      this.#k6 = k6;
      if (this.#wasInterrupted) {
        k6.interrupt();
      }
      void k6.ended.then((ending) => this.#end(ending));
    } catch (failure: unknown) {
      this.#failure = signal.aborted ? null : failure;
      this.#end({ how: 'interrupted' });
    }
  }

  /** When the stage is over: it lasts as long as planned from when k6 was ready. */
  untilMs(endMs: number): number {
    const { zeroMs } = this.#join;
    if (zeroMs === null) {
      return this.#isGone || this.#draft.rows.length === 0 ? endMs : Number.POSITIVE_INFINITY;
    }
    return this.#failure === null ? Math.max(endMs, zeroMs + this.#options.durationMs) : 0;
  }

  /** Samples come some 200 ms late, and k6 ends once nothing is open: while it runs, something may be. */
  inFlight(): number {
    return Math.max(this.#join.openCount, this.#isGone ? 0 : 1);
  }

  open(): Iterable<PlanRow> {
    return this.#join.open;
  }

  closedPlanned(): number {
    return this.#planned.model === 'closed' ? this.#join.startedCount : 0;
  }

  interrupt(): void {
    this.#wasInterrupted = true;
    this.#k6?.interrupt();
  }

  kill(): void {
    this.#k6?.kill();
  }

  rethrow(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) {
      throw failure instanceof Error ? failure : new Error(String(failure));
    }
  }

  /** CPU time outlives the process: it is what was read of it last. */
  readCost(): Cost {
    const pid = this.#k6?.pid ?? null;
    if (pid !== null && !this.#isGone) {
      try {
        const stat = parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
        const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
        this.#cost = { rssBytes: pages * pageBytes, cpuSeconds: (stat?.cpuTicks ?? 0) / clockTicksPerSecond };
      } catch {
        // It has ended between two readings.
      }
    }
    return this.#isGone ? { ...this.#cost, rssBytes: 0 } : this.#cost;
  }

  #fileOf(suffix: string): string {
    return join(this.#parts.context.folder, `k6-${this.#options.key}.${suffix}`);
  }

  #writeScript(): string {
    const { stages, bodies } = this.#placed;
    const { baseUrl } = splitAddress(this.#parts.context.url);
    const plan = { planHash: '', baseUrl, stages, places: bodies.places };
    const dataName = `k6-${this.#options.key}.json`;
    writeFileSync(this.#fileOf('json'), scriptData(plan));
    const scriptPath = this.#fileOf('ts');
    writeFileSync(scriptPath, scriptText(plan, `./${dataName}`));
    return scriptPath;
  }

  #environment(bodiesPath: string): Record<string, string> {
    const { context } = this.#parts;
    const headers = { ...splitAddress(context.url).headers, ...context.headers };
    const environment: Record<string, string> = {
      GOMEMLIMIT: `${Math.ceil(this.#placed.memoryBytes)}B`,
      HEADROOM_BODIES: bodiesPath,
      HEADROOM_HEADERS: JSON.stringify(headers),
    };
    if (context.tlsAuthorities !== null) {
      const path = join(this.#workFolder, 'authorities.pem');
      writeFileSync(path, context.tlsAuthorities);
      environment['SSL_CERT_FILE'] = path;
    }
    return environment;
  }

  #end(ending: K6Ending): void {
    const end: JoinEnd = ending.how;
    try {
      this.#join.finish(end, this.#parts.context.clock.nowMs());
    } catch (failure: unknown) {
      this.#failure ??= failure;
    }
    if (ending.how === 'failed') {
      const last = this.#k6?.lastLine() ?? '';
      this.#failure ??= new BenchError(
        'ENGINE_UNAVAILABLE',
        `k6 ended before its time: ${ending.why}${last === '' ? '' : `: ${last.slice(0, 300)}`}.`,
        { hint: `Its log is ${this.#fileOf('log')}.` },
      );
    }
    this.#isGone = true;
    rmSync(this.#workFolder, { recursive: true, force: true });
    this.#markGone();
  }
}
