import type { WantedModel } from './entries.ts';
import type { Session } from './session.ts';
import type { ModelState } from './workers/messages.ts';

interface Entry {
  session: Session;
  lastUsedMs: number;
  stays: boolean;
}

/** Loaded models by name. Calls must not overlap. */
export interface SessionCache {
  /** Loads what is not there; `stays` keeps it for ever. */
  open(model: WantedModel, nowMs: number, stays?: 'stays'): Promise<Session>;
  /** Lets go of what was not used for longer than the time to live. */
  expire(nowMs: number): Promise<void>;
  models(): ModelState[];
}

export function nameOf({ task, type, modelName }: WantedModel): string {
  return `${task}/${type}/${modelName}`;
}

/** `ttlMs` 0 = nothing is ever let go. */
export function createSessionCache(ttlMs: number, load: (model: WantedModel) => Promise<Session>): SessionCache {
  const entries = new Map<string, Entry>();
  return {
    async open(model, nowMs, stays) {
      const name = nameOf(model);
      const entry = entries.get(name) ?? {
        session: await load(model),
        lastUsedMs: nowMs,
        stays: stays !== undefined,
      };
      entry.lastUsedMs = nowMs;
      entries.set(name, entry);
      return entry.session;
    },
    async expire(nowMs) {
      for (const [name, { session, lastUsedMs, stays }] of entries) {
        if (ttlMs > 0 && !stays && nowMs - lastUsedMs > ttlMs) {
          entries.delete(name);
          await session.close();
        }
      }
    },
    models: () =>
      [...entries].map(([name, { session }]) => {
        const { reservedBytes, inUseBytes } = session.stats();
        return { name, reservedBytes, inUseBytes };
      }),
  };
}
