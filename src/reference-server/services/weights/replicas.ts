import { createHash } from 'node:crypto';
import { type Child, endChildren, startChild } from '../../children.ts';
import { RequestError } from '../../upload.ts';
import { imageChildEnv } from '../images/image-worker.ts';
import type { CacheSize } from './prompt-cache.ts';
import type { FromReplica, ReplicaSetup, ToReplica } from './workers/messages.ts';

/** Pause before a dead replica is replaced, so that one that cannot start does not spin. */
const respawnMs = 250;

function startReplica(setup: ReplicaSetup): Child {
  return startChild('services/weights/workers/replica', [JSON.stringify(setup)], imageChildEnv);
}

interface Replica {
  child: Child;
  isReady: boolean;
  size: CacheSize;
  /** Looks under way: resolved with hit or miss, rejected if the replica dies. */
  waiting: Map<number, { resolve(hit: boolean): void; reject(error: Error): void }>;
}

/** Processes that all see every prompt, as the parts of a model that is split between them do. */
export class Replicas {
  readonly #startChild: () => Child;
  readonly #log: (line: string) => void;
  readonly #replicas: Replica[];
  #nextId = 1;
  #isStopping = false;
  hits = 0;
  misses = 0;

  constructor(count: number, setup: ReplicaSetup, log: (line: string) => void, start = startReplica) {
    this.#startChild = () => start(setup);
    this.#log = log;
    this.#replicas = Array.from({ length: count }, (_, index) => this.#start(index));
  }

  get isReady(): boolean {
    return this.#replicas.every(({ isReady }) => isReady);
  }

  /** Of all replicas together. */
  size(): CacheSize {
    return this.#replicas.reduce(
      (sum, { size }) => ({ entries: sum.entries + size.entries, bytes: sum.bytes + size.bytes }),
      { entries: 0, bytes: 0 },
    );
  }

  /** Resolves once every replica has the prompt in its cache. */
  async look(prompt: string): Promise<void> {
    if (this.#replicas.length === 0) {
      return;
    }
    const key = createHash('sha256').update(prompt).digest('hex');
    const hits = await Promise.all(this.#replicas.map((replica) => this.#ask(replica, key)));
    if (hits.every((hit) => hit)) {
      this.hits += 1;
    } else {
      this.misses += 1;
    }
  }

  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    await endChildren(
      this.#replicas.map(({ child }) => child),
      graceMs,
    );
  }

  #ask({ child, isReady, waiting }: Replica, key: string): Promise<boolean> {
    if (!isReady) {
      return Promise.reject(new RequestError(503, 'replica_not_ready', 'A replica is being started.'));
    }
    const message: ToReplica = { type: 'look', id: this.#nextId++, key };
    return new Promise((resolve, reject) => {
      waiting.set(message.id, { resolve, reject });
      child.send(message);
    });
  }

  #start(index: number): Replica {
    const child = this.#startChild();
    const replica: Replica = { child, isReady: false, size: { entries: 0, bytes: 0 }, waiting: new Map() };
    child.onMessage((message) => onMessage(replica, message as FromReplica));
    void child.exited.then((how) => this.#onExit(replica, index, how));
    return replica;
  }

  #onExit(replica: Replica, index: number, how: string): void {
    replica.isReady = false;
    replica.size = { entries: 0, bytes: 0 };
    for (const { reject } of replica.waiting.values()) {
      reject(new RequestError(500, 'replica_died', `A replica died during the call: ${how}.`));
    }
    replica.waiting.clear();
    if (this.#isStopping) {
      return;
    }
    this.#log(`replica ${replica.child.pid ?? 'unknown'} is gone: ${how}`);
    setTimeout(() => {
      if (!this.#isStopping) {
        this.#replicas[index] = this.#start(index);
      }
    }, respawnMs);
  }
}

function onMessage(replica: Replica, message: FromReplica): void {
  switch (message.type) {
    case 'ready':
      replica.isReady = true;
      return;
    case 'looked':
      replica.size = message.size;
      replica.waiting.get(message.id)?.resolve(message.hit);
      replica.waiting.delete(message.id);
      return;
  }
}
