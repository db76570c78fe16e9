import type { DeviceHost } from './device/device.ts';
import type { Counter } from './metrics.ts';
import type { Service } from './service.ts';
import type { Spool } from './spool.ts';

/** What the server's own routes show. */
export interface FrontState {
  services: readonly Service[];
  device: DeviceHost;
  spool: Spool;
  /** Replies by endpoint, method and status. */
  requests: Counter;
}
