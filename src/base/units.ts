const byteUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};
const durationUnitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A number too large for a double is no quantity either. */
function parseQuantity(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim());
  const unit = match?.[2] ?? '';
  // Every object also has words of its own, such as `constructor`.
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  const quantity = Number(match?.[1]) * (factor ?? Number.NaN);
  return Number.isFinite(quantity) ? quantity : null;
}

/** `704MiB`, `24 MB`, `1Gi` to whole bytes; null if the text is no size. */
export function parseBytes(text: string): number | null {
  const bytes = parseQuantity(text, byteUnits);
  return bytes === null ? null : Math.round(bytes);
}

/** `250ms`, `5s`, `5m`, `8h` to milliseconds; null if the text is no duration. */
export function parseDurationMs(text: string): number | null {
  return parseQuantity(text, durationUnitsMs);
}

/** Binary units with three significant figures; `n/a` for null, so that missing is never 0. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null || Number.isNaN(bytes)) {
    return 'n/a';
  }
  const sign = bytes < 0 ? '-' : '';
  const size = Math.abs(bytes);
  if (size >= 1024 ** 3) {
    return `${sign}${(size / 1024 ** 3).toFixed(2)} GiB`;
  }
  if (size >= 1024 ** 2) {
    const mebibytes = size / 1024 ** 2;
    return `${sign}${mebibytes.toFixed(mebibytes >= 100 ? 0 : 1)} MiB`;
  }
  if (size >= 1024) {
    return `${sign}${(size / 1024).toFixed(1)} KiB`;
  }
  return `${sign}${size.toFixed(0)} B`;
}

/** `840 ms`, `12.4 s`, `5 min 12 s`, `2 h 05 min`; `n/a` for null. */
export function formatDuration(ms: number | null): string {
  if (ms === null || Number.isNaN(ms)) {
    return 'n/a';
  }
  if (ms < 1000) {
    return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
  }
  if (ms < 60_000) {
    return `${(ms / 1000).toFixed(1)} s`;
  }
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  }
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A time of the run as `m:ss`. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** A rate with two decimals below 10 per second, one above. */
export function formatRate(perSecond: number | null): string {
  return perSecond === null || Number.isNaN(perSecond) ? 'n/a' : `${perSecond.toFixed(perSecond < 10 ? 2 : 1)}/s`;
}

/** A ratio in 0..1 as percent without decimals, or one decimal below 10 %. */
export function formatShare(ratio: number | null): string {
  return ratio === null || Number.isNaN(ratio) ? 'n/a' : `${(ratio * 100).toFixed(Math.abs(ratio) < 0.1 ? 1 : 0)} %`;
}
