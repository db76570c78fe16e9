import { mkdirSync, writeFileSync } from 'node:fs';
import type { HistoryLine } from '../../model/history.ts';
import { historyFile, historyFolder } from '../../store/history.ts';
import { mib } from '../build.ts';
import { pastNight } from '../gate-nights.ts';

const firstNight = Date.UTC(2024, 0, 1, 2);
const dayMs = 86_400_000;
const metricsPerNight = 7;

/** Night `order` of a series; values move by some percent, and once to another level. */
function night(series: string, profile: string, order: number): HistoryLine {
  const wave = 1 + 0.02 * Math.sin(order * 2.4) + (order > 960 ? 0.12 : 0);
  const names = [
    'peak-memory',
    'settled-memory',
    'stage-memory',
    'throughput',
    'p50-latency',
    'p95-latency',
    'p99-latency',
  ];
  const metrics = names.slice(0, metricsPerNight).map((id, place) => {
    const unit = id.includes('memory') ? 'bytes' : id === 'throughput' ? 'per_s' : 'ms';
    const centre = (unit === 'bytes' ? 600 * mib : unit === 'ms' ? 240 : 31) * (1 + place / 10) * wave;
    const values = [0.995, 1, 1.004].map((share) => centre * share);
    const stage = place < 2 ? null : 'load';
    return {
      id,
      stage,
      instance: null,
      unit,
      isBiggerBetter: unit === 'per_s',
      values,
      median: centre,
      isSuspect: false,
    } as const;
  });
  const sessionId = `${profile}-${String(order).padStart(4, '0')}`;
  return {
    ...pastNight(order, 1),
    kind: 'session',
    series,
    profile,
    sessionId,
    at: new Date(firstNight + order * dayMs).toISOString(),
    purpose: 'nightly',
    subject: { version: `1.${order}`, commit: null, image: null },
    comparability: { must: { 'memory limit': `${900 * mib} bytes`, 'host class': 'tested' }, warn: {} },
    runIds: [1, 2, 3].map((repeat) => `${sessionId}-${repeat}`),
    metrics,
  };
}

/** Histories as `bench history add` leaves them, one file a series. */
export function writeNights(outFolder: string, size: { nights: number; profiles: number }): void {
  mkdirSync(historyFolder(outFolder), { recursive: true });
  for (let index = 0; index < size.profiles; index += 1) {
    const profile = `profile-${index + 1}`;
    const series = `${profile}-0123456789ab`;
    const lines = Array.from({ length: size.nights }, (_, order) => JSON.stringify(night(series, profile, order)));
    writeFileSync(historyFile(outFolder, series), `${lines.join('\n')}\n`);
  }
}
