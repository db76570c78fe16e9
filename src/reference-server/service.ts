import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DeviceHost } from './device/device.ts';
import type { KnobTable, KnobValues } from './knobs.ts';
import type { Exposition } from './metrics.ts';
import type { Spool } from './spool.ts';

/** A path of the server. Throws `RequestError` for every reply that is no success. */
export interface Route {
  path: string;
  methods: readonly string[];
  handle(request: IncomingMessage, response: ServerResponse): Promise<void> | void;
}

/** What a service gets of the server that it is a part of. */
export interface ServiceSetup {
  values: KnobValues;
  device: DeviceHost;
  spool: Spool;
  /** One line on stderr. */
  log(line: string): void;
}

/** A running service of the server. */
export interface Service {
  routes: readonly Route[];
  /** False while it cannot serve: `/health` and `/ready` say 503. */
  isReady(): boolean;
  /** Its part of the reply of `/health`. */
  health(): Readonly<Record<string, unknown>>;
  /** Its families on `/metrics`. */
  collect(exposition: Exposition): void;
  /** Called every `manager-s`: ends what is idle, starts what is wanted. Must not block. */
  manage(): void;
  /** Ends every process that it started, within the grace. */
  stop(graceMs: number): Promise<void>;
  /** Most open connections before the server answers 503 to everything; null = no limit. */
  connectionLimit: number | null;
}

/** One of the services that the server can run. Knob names are unique over all services. */
export interface ServiceKind {
  id: string;
  title: string;
  knobs: KnobTable;
  /** Resolves once its routes may be called; loading may go on behind `isReady`. Throws `BenchError` if it refuses to start. */
  start(setup: ServiceSetup): Promise<Service>;
}
