const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal, as recipes count bytes and as networks and disks are rated: `126 B`, `9.44 MB`, `20.0 GB`. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.5 would be written as 1000 of the unit.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** `n/a` where nothing was measured. */
export function formatSpeed(bytes: number, elapsedMs: number): string {
  return elapsedMs <= 0 ? 'n/a' : `${(bytes / 1e3 / elapsedMs).toFixed(0)} MB/s`;
}
