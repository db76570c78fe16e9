import type { HostView, ObservedTarget } from '../../model/target.ts';

/** A process that holds device memory. */
export interface GpuProcess {
  pid: number;
  /** null: the driver lists it, but does not tell. */
  bytes: number | null;
}

/** One device at one moment; null = looked and was not there. */
export interface GpuReading {
  /** `cuda:<uuid>`, `amd:<pci>`, `intel:<pci>` or `virtual:0`. */
  instance: string;
  totalBytes: number | null;
  usedBytes: number | null;
  freeBytes: number | null;
  reservedBytes: number | null;
  utilizationPercent: number | null;
  /** `unchanged`: nobody has looked again since the last reading. null: not told. */
  processes: readonly GpuProcess[] | 'unchanged' | null;
}

export interface OpenGpuSource {
  /** `problems` say why something is null; the same one may come with every reading. */
  read(tMs: number): Promise<{ readings: readonly GpuReading[]; problems: readonly string[] }>;
  close(): Promise<void>;
}

/** One way to read devices. */
export interface GpuSource {
  name: string;
  /** Pids as the initial namespace counts them, which are strange to a sampler inside a container. */
  tellsHostPids: boolean;
  /** A string says why there is nothing to read. */
  open(target: ObservedTarget, host: HostView): Promise<OpenGpuSource | string>;
}

export const unread: Omit<GpuReading, 'instance'> = {
  totalBytes: null,
  usedBytes: null,
  freeBytes: null,
  reservedBytes: null,
  utilizationPercent: null,
  processes: null,
};
