/** How wide the ingest opens: W, B and PF of the formulas below. */
export interface Plan {
  loaders: number;
  batch: number;
  prefetch: number;
}

/** Bytes that one task costs, by where it is. */
export interface TaskCost {
  /** While its batch waits: its float32 planes in /dev/shm; 0 on disk. */
  queuedBytes: number;
  /** In the loader that makes it: decoded, and once more collated. */
  privateBytes: number;
  /** Its locked copy while its batch waits. */
  pinnedBytes: number;
}

/** Bytes that may still be taken: of memory in all, and of /dev/shm. */
export interface Room {
  memoryBytes: number;
  shmBytes: number;
}

/**
 * (W x PF + 1) x B x I: W x PF batches wait, and one more is in the hands of the consumer.
 * I: bytes of a queued task.
 */
export function plateauBytes({ loaders, batch, prefetch }: Plan, queuedBytes: number): number {
  return (loaders * prefetch + 1) * batch * queuedBytes;
}

/** All that a plan holds when its queue is full. */
function heldBytes(plan: Plan, cost: TaskCost): number {
  const { loaders, batch, prefetch } = plan;
  const privateBytes = loaders * batch * cost.privateBytes;
  return plateauBytes(plan, cost.queuedBytes) + privateBytes + loaders * prefetch * batch * cost.pinnedBytes;
}

/** How many of a size fit; what takes nothing always does. */
function fitting(roomBytes: number, eachBytes: number): number {
  return eachBytes === 0 ? Number.POSITIVE_INFINITY : Math.floor(roomBytes / eachBytes);
}

/** What two tasks have shown; times are of one image. */
export interface ProbeResult {
  cost: TaskCost;
  loadMs: number;
  inferMs: number;
}

/**
 * The widest plan within the asked one that fits the room. More than loadMs / inferMs batches ahead
 * only hold memory: the consumer is busy already.
 */
export function committedPlan(asked: Plan, { cost, loadMs, inferMs }: ProbeResult, room: Room): Plan {
  const ahead = Math.ceil(loadMs / Math.max(1, inferMs));
  const mostPrefetch = Math.max(1, Math.min(asked.prefetch, ahead));
  for (let loaders = asked.loaders; loaders >= 1; loaders -= 1) {
    for (let prefetch = mostPrefetch; prefetch >= 1; prefetch -= 1) {
      const one = { loaders, batch: 1, prefetch };
      const byMemory = fitting(room.memoryBytes, heldBytes(one, cost));
      const byShm = fitting(room.shmBytes, plateauBytes(one, cost.queuedBytes));
      const batch = Math.min(asked.batch, byMemory, byShm);
      if (batch >= 1) {
        return { loaders, batch, prefetch };
      }
    }
  }
  return { loaders: 1, batch: 1, prefetch: 1 };
}

/** What is known when the next batch is to be granted. */
export interface ThrottleView {
  asked: number;
  /** Of the largest image so far; null before the first. */
  cost: TaskCost | null;
  /** Below the throttle's share of the limit, as the host shows it now. */
  room: Room;
  /** Tasks that are granted and not staged yet: their memory does not show. */
  unstagedTasks: number;
  /** Batches that are granted and not consumed. */
  outstanding: number;
}

/** Tasks of the next batch; 0 = not now. One task alone always may: waiting would free nothing more. */
export function throttledBatch({ asked, cost, room, unstagedTasks, outstanding }: ThrottleView): number {
  if (cost === null) {
    return outstanding === 0 ? 1 : 0;
  }
  const eachBytes = cost.queuedBytes + cost.privateBytes + cost.pinnedBytes;
  const byMemory = fitting(room.memoryBytes, eachBytes);
  const byShm = fitting(room.shmBytes, cost.queuedBytes);
  const tasks = Math.min(byMemory, byShm) - unstagedTasks;
  return tasks >= 1 ? Math.min(asked, tasks) : outstanding === 0 ? 1 : 0;
}
