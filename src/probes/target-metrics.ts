import type { Probe, Sample } from '../model/probe.ts';
import { backgroundGet } from './http/background-get.ts';

const timeoutMs = 2000;
const bodyLimitBytes = 1024 * 1024;
const allowedPrefixes = ['uttera_', 'headroom_', 'process_', 'vllm:', 'llamaswap_', 'nv_'];
const linePattern = /^([a-zA-Z_:][\w:]*(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?)\s+(\S+)(?:\s+-?\d+)?$/;

function numberOf(text: string): number | null {
  const value = Number(text.replace(/^([+-]?)Inf$/, '$1Infinity'));
  return Number.isFinite(value) ? value : null;
}

/** Counters and gauges of the Prometheus text format whose names we know, by `name{labels}`. */
export function parsePrometheus(text: string): Map<string, number | null> {
  const distributions = new Set<string>();
  const values = new Map<string, number | null>();
  for (const rawLine of text.split('\n')) {
    const line = rawLine.trim();
    const type = /^#\s*TYPE\s+(\S+)\s+(\S+)$/.exec(line);
    if (type?.[1] !== undefined && type[2] !== 'counter' && type[2] !== 'gauge' && type[2] !== 'untyped') {
      distributions.add(type[1]);
    }
    const match = line.startsWith('#') ? null : linePattern.exec(line);
    const series = match?.[1];
    if (series === undefined || !allowedPrefixes.some((prefix) => series.startsWith(prefix))) {
      continue;
    }
    const name = series.replace(/\{.*$/, '');
    const family = name.replace(/_(bucket|sum|count|created)$/, '');
    if (name.endsWith('_bucket') || distributions.has(name) || distributions.has(family)) {
      continue;
    }
    values.set(series, numberOf(match?.[2] ?? ''));
  }
  return values;
}

export const targetMetrics: Probe = {
  id: 'target-metrics',
  title: 'What the target says of itself',
  metrics: [
    { metric: 'name{labels}', unit: 'as published', description: "counters and gauges of the target's metrics page" },
  ],
  open(target) {
    if (target.metricsUrl === null) {
      return Promise.resolve({ unavailable: 'no metrics page is known; name one with --metrics' });
    }
    const { href } = target.metricsUrl;
    const get = backgroundGet(target.metricsUrl, { timeoutMs, bodyLimitBytes });
    const toSample = (metric: string, value: number | null): Sample => ({
      scope: 'target',
      instance: 'metrics',
      metric,
      value,
    });
    let known: readonly string[] = [];
    let isAbsent = false;
    return Promise.resolve({
      read(tick) {
        const result = get.take();
        const isOk = result?.status === 200;
        const events: { kind: string; subject: string; detail: string }[] = [];
        if (!isAbsent && (result?.status === 404 || result?.status === 405 || result?.status === 501)) {
          isAbsent = true;
          events.push({
            kind: 'probe_unavailable',
            subject: 'target-metrics',
            detail: `${href} answers ${result.status}`,
          });
        }
        if (!isAbsent && tick.stageKind !== 'silence') {
          get.fire();
        }
        if (result === null || isAbsent) {
          return Promise.resolve({ samples: [], events });
        }
        if (!isOk) {
          return Promise.resolve({ samples: known.map((metric) => toSample(metric, null)), events });
        }
        const values = parsePrometheus(result.body ?? '');
        known = [...values.keys()];
        return Promise.resolve({ samples: [...values].map(([metric, value]) => toSample(metric, value)), events });
      },
      close() {
        get.close();
        return Promise.resolve();
      },
    });
  },
};
