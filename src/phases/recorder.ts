import type { EventKind, RunEvent } from '../model/artifacts.ts';
import type { CorpusItem } from '../model/corpus.ts';
import type { StageAchievement } from '../model/plan.ts';
import type { Sample } from '../model/probe.ts';
import type { RequestRecord } from '../model/record.ts';
import { CsvAppender } from '../store/append-csv.ts';
import { eventColumns, eventRow, requestColumns, requestRow, sampleColumns } from '../store/columns.ts';
import type { RunFolder } from '../store/run-folder.ts';
import { type Completion as Answer, achievementOf } from './achievement.ts';

const liveWindowMs = 10_000;

interface Completion extends Answer {
  latencyMs: number;
  stage: string;
}

export interface LiveFigures {
  offeredPerSecond: number;
  achievedPerSecond: number;
  p95Ms: number | null;
  answered: number;
  /** Neither answered, nor timed out, nor never sent: those two are costs of an overload and are counted apart. */
  failed: number;
  timedOut: number;
  dropped: number;
}

/** Writes the three tables as things happen, and keeps only what the live view and later rates need. */
export class Recorder {
  readonly #requests: CsvAppender;
  readonly #samples: CsvAppender;
  readonly #events: CsvAppender;
  readonly #audioSecondsOf: ReadonlyMap<string, number>;
  readonly #completions: Completion[] = [];
  /** How many requests were begun or given up by then; a record comes only when its request has ended. */
  #offered: { tMs: number; total: number }[] = [];
  recorded = 0;
  answered = 0;
  failed = 0;
  timedOut = 0;
  dropped = 0;

  constructor(folder: RunFolder, items: readonly CorpusItem[]) {
    this.#requests = new CsvAppender(folder.requests, requestColumns);
    this.#samples = new CsvAppender(folder.samples, sampleColumns);
    this.#events = new CsvAppender(folder.events, eventColumns);
    this.#audioSecondsOf = new Map(items.map((item) => [item.id, item.traits['audioSeconds'] ?? 0]));
  }

  request(record: RequestRecord): void {
    this.recorded += 1;
    this.#requests.append(requestRow(record));
    if (record.outcome === 'ok' && record.endMs !== null) {
      this.answered += 1;
      this.#completions.push({
        endMs: record.endMs,
        latencyMs: record.endMs - record.plannedMs,
        audioSeconds: this.#audioSecondsOf.get(record.itemId) ?? 0,
        stage: record.stage,
      });
    } else if (record.outcome === 'timeout') {
      this.timedOut += 1;
    } else if (record.outcome === 'dropped') {
      this.dropped += 1;
    } else {
      this.failed += 1;
    }
  }

  samples(tMs: number, stage: string, quality: 'ok' | 'late', samples: readonly (Sample & { probe: string })[]): void {
    for (const sample of samples) {
      this.#samples.append([
        tMs,
        stage,
        sample.probe,
        sample.scope,
        sample.instance,
        sample.metric,
        sample.value,
        sample.value === null ? 'missed' : quality,
      ]);
    }
  }

  event(tMs: number, kind: EventKind, stage: string, subject: string, detail: string): void {
    const event: RunEvent = { tMs, kind, stage, subject, detail };
    this.#events.append(eventRow(event));
    this.#events.flush();
  }

  achievement(stage: string, startMs: number, endMs: number): StageAchievement | null {
    const ofStage = this.#completions.filter((completion) => completion.stage === stage);
    return achievementOf(ofStage, startMs, endMs);
  }

  live(nowMs: number, inFlight: number): LiveFigures {
    const fromMs = nowMs - liveWindowMs;
    this.#offered.push({ tMs: nowMs, total: this.recorded + inFlight });
    this.#offered = this.#offered.filter(({ tMs }) => tMs >= fromMs);
    const before = this.#offered[0]?.total ?? 0;
    const recent: number[] = [];
    for (let index = this.#completions.length - 1; index >= 0; index -= 1) {
      const completion = this.#completions[index];
      if (completion === undefined || completion.endMs < fromMs) {
        break;
      }
      recent.push(completion.latencyMs);
    }
    recent.sort((a, b) => a - b);
    const seconds = Math.min(liveWindowMs, Math.max(nowMs, 1)) / 1000;
    return {
      offeredPerSecond: (this.recorded + inFlight - before) / seconds,
      achievedPerSecond: recent.length / seconds,
      p95Ms: recent[Math.max(0, Math.ceil(recent.length * 0.95) - 1)] ?? null,
      answered: this.answered,
      failed: this.failed,
      timedOut: this.timedOut,
      dropped: this.dropped,
    };
  }

  sync(): void {
    this.#requests.sync();
    this.#samples.sync();
    this.#events.sync();
  }

  close(): void {
    this.#requests.close();
    this.#samples.close();
    this.#events.close();
  }
}
