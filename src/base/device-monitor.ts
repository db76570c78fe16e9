/** A process that holds memory of the reference server's virtual device. */
export interface MonitoredProcess {
  pid: number;
  /** What the process called itself. */
  label: string;
  bytes: number;
}

/** What the virtual device tells whoever watches it, in NVML's shape: total = reserved + used + free. */
export interface MonitorReading {
  totalBytes: number;
  reservedBytes: number;
  /** Without what the driver keeps for itself. */
  usedBytes: number;
  freeBytes: number;
  processes: readonly MonitoredProcess[];
}

/** The call of a watcher on the broker's socket: one JSON object in a line, as all its calls. */
export const monitorCall = 'nvml';

/** Sums of these stay numbers. */
function isNumber(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function parseProcess(value: unknown): MonitoredProcess | null {
  if (typeof value !== 'object' || value === null) {
    return null;
  }
  const { pid, label, bytes } = value as Record<string, unknown>;
  return isNumber(pid) && isNumber(bytes) ? { pid, label: typeof label === 'string' ? label : '', bytes } : null;
}

/** The broker's answer to `monitorCall`; null if it is none. */
export function parseMonitorReading(answer: Readonly<Record<string, unknown>>): MonitorReading | null {
  const [totalBytes, reservedBytes, usedBytes, freeBytes] = [
    'totalBytes',
    'reservedBytes',
    'usedBytes',
    'freeBytes',
  ].map((name) => answer[name]);
  const listed = answer['processes'];
  const processes = Array.isArray(listed) ? listed.map(parseProcess) : [null];
  return isNumber(totalBytes) &&
    isNumber(reservedBytes) &&
    isNumber(usedBytes) &&
    isNumber(freeBytes) &&
    processes.every((process) => process !== null)
    ? { totalBytes, reservedBytes, usedBytes, freeBytes, processes }
    : null;
}
