import type { RequestRecord } from '../../model/record.ts';
import type { EngineReport, Spell } from './engine-job.ts';

const mostSpells = 5000;

type Told = Omit<EngineReport, 'latenessP50Ms' | 'latenessP99Ms' | 'cpuSeconds'>;

/** What a report tells of records, without keeping them: their memory would count as the engine's. */
export class RecordSums {
  readonly #failures: Record<string, number> = {};
  readonly #spells: Spell[] = [];
  #ok = 0;
  #records = 0;
  #bytesOut = 0;
  #startMs = Number.POSITIVE_INFINITY;
  #endMs = 0;

  add({ outcome, errorCode, itemId, startMs, endMs, bytesOut }: RequestRecord): void {
    this.#records += 1;
    this.#bytesOut += bytesOut ?? 0;
    if (outcome !== 'ok') {
      const name = errorCode === null ? outcome : `${outcome} ${errorCode}`;
      this.#failures[name] = (this.#failures[name] ?? 0) + 1;
      return;
    }
    this.#ok += 1;
    this.#startMs = Math.min(this.#startMs, startMs ?? 0);
    this.#endMs = Math.max(this.#endMs, endMs ?? 0);
    if (this.#spells.length < mostSpells) {
      this.#spells.push({ id: itemId, startMs: startMs ?? 0, endMs: endMs ?? 0 });
    }
  }

  told(): Told {
    return {
      ok: this.#ok,
      records: this.#records,
      spanMs: Math.max(0, this.#endMs - this.#startMs),
      bytesOut: this.#bytesOut,
      spells: this.#spells,
      failures: this.#failures,
    };
  }
}
