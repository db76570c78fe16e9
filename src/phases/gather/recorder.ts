import type { EventKind, RunEvent } from '../../model/artifacts.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { StageAchievement } from '../../model/plan.ts';
import type { Sample } from '../../model/probe.ts';
import type { RequestRecord } from '../../model/record.ts';
import { CsvAppender } from '../../store/append-csv.ts';
import { eventColumns, eventRow, requestColumns, requestRow, sampleColumns } from '../../store/columns.ts';
import type { RunFolder } from '../../store/run-folder.ts';
import { StageTally } from './recorder-tally.ts';
import { LiveWindow, type WindowFigures } from './recorder-window.ts';

export interface LiveFigures extends WindowFigures {
  answered: number;
  /** Neither answered, nor timed out, nor never sent: those two are costs of an overload and are counted apart. */
  failed: number;
  timedOut: number;
  dropped: number;
}

/**
 * Writes the three tables as things happen, and keeps only what the live view and later rates need: the same memory
 * for a million requests as for a thousand.
 */
export class Recorder {
  readonly #requests: CsvAppender;
  readonly #samples: CsvAppender;
  readonly #events: CsvAppender;
  readonly #audioSecondsOf: ReadonlyMap<string, number>;
  readonly #window = new LiveWindow();
  #stage: { name: string; tally: StageTally } | null = null;
  recorded = 0;
  answered = 0;
  failed = 0;
  timedOut = 0;
  dropped = 0;

  /** `onFailure` hears of the first row of a table that could not be written; without it that is thrown. */
  constructor(folder: RunFolder, items: readonly CorpusItem[], onFailure?: (failure: Error) => void) {
    this.#requests = new CsvAppender(folder.requests, requestColumns, onFailure);
    this.#samples = new CsvAppender(folder.samples, sampleColumns, onFailure);
    this.#events = new CsvAppender(folder.events, eventColumns, onFailure);
    this.#audioSecondsOf = new Map(items.map((item) => [item.id, item.traits['audioSeconds'] ?? 0]));
  }

  request(record: RequestRecord): void {
    this.recorded += 1;
    this.#requests.append(requestRow(record));
    if (record.outcome === 'ok' && record.endMs !== null) {
      this.answered += 1;
      this.#window.add(record.endMs - record.plannedMs);
      if (record.stage === this.#stage?.name) {
        this.#stage.tally.add(record.endMs, this.#audioSecondsOf.get(record.itemId) ?? 0);
      }
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

  /** From now on its answers are counted for `achievement`, and those of no other stage. */
  beginStage(name: string): void {
    this.#stage = { name, tally: new StageTally() };
  }

  /** Of the stage begun last; null if nothing of it was answered in that time. */
  achievement(startMs: number, endMs: number): StageAchievement | null {
    return this.#stage?.tally.achievement(startMs, endMs) ?? null;
  }

  live(nowMs: number, inFlight: number): LiveFigures {
    return {
      // A record comes only when its request has ended.
      ...this.#window.read(nowMs, this.recorded + inFlight),
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
