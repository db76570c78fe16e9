import { formatBytes, formatDuration } from '../base/units.ts';
import type { Probe, Sample } from '../model/probe.ts';
import { type BackgroundGet, backgroundGet, type GetResult } from './http/background-get.ts';
import { parsePrometheusText } from './http/prometheus-text.ts';

const timeoutMs = 2000;
/** A tick a little early must not skip its turn, so this is less than a second. */
const everyMs = 950;
const bodyLimitBytes = 1024 * 1024;
const mostSeries = 2000;
const allowedPrefixes = ['uttera_', 'headroom_', 'process_', 'vllm:', 'llamaswap_', 'nv_'];

const noSuchPage: readonly number[] = [404, 405, 501];

interface ProbeEvent {
  kind: string;
  subject: string;
  detail: string;
}

type Reading = Map<string, number | null>;

/** What is known of one page from tick to tick. */
class MetricsPage {
  readonly #href: string;
  readonly #get: BackgroundGet;
  #known: readonly string[] = [];
  #isCutTold = false;
  #areTooManyTold = false;
  isAbsent = false;

  constructor(url: URL) {
    // Events are kept in files, and a URL may hold a password.
    this.#href = url.href.replace(/\/\/[^/@]+@/, '//***@');
    this.#get = backgroundGet(url, { timeoutMs, bodyLimitBytes });
  }

  ask(): void {
    this.#get.fire();
  }

  close(): void {
    this.#get.close();
  }

  /** null: nothing has come back, or there is no such page. */
  take(events: ProbeEvent[]): Reading | null {
    const result = this.#get.take();
    if (result !== null && result.status !== null && noSuchPage.includes(result.status)) {
      this.isAbsent = true;
      events.push(this.#event(`answers ${result.status}`));
    }
    if (result === null || this.isAbsent) {
      return null;
    }
    if (result.status !== 200) {
      return new Map(this.#known.map((metric) => [metric, null]));
    }
    return this.#read(result, events);
  }

  #read({ body, cut }: GetResult, events: ProbeEvent[]): Reading {
    const text = body ?? '';
    // The last line of a page that was cut may have lost digits.
    const whole = cut === 'no' ? text : text.slice(0, text.lastIndexOf('\n') + 1);
    const { values, leftOut } = parsePrometheusText(whole, { allowedPrefixes, mostSeries });
    if (cut !== 'no' && !this.#isCutTold) {
      this.#isCutTold = true;
      const bound = cut === 'large' ? formatBytes(bodyLimitBytes) : formatDuration(timeoutMs);
      events.push(this.#event(`is cut after ${bound}: only what came before is read`));
    }
    if (leftOut > 0 && !this.#areTooManyTold) {
      this.#areTooManyTold = true;
      events.push(this.#event(`has ${leftOut} series more than the ${mostSeries} that are kept`));
    }
    const reading = new Map(values);
    // A series that has gone is told as missing once.
    for (const metric of this.#known) {
      if (!reading.has(metric)) {
        reading.set(metric, null);
      }
    }
    this.#known = [...values.keys()];
    return reading;
  }

  #event(detail: string): ProbeEvent {
    return { kind: 'probe_unavailable', subject: 'target-metrics', detail: `${this.#href} ${detail}` };
  }
}

const toSample = ([metric, value]: readonly [string, number | null]): Sample => ({
  scope: 'target',
  instance: 'metrics',
  metric,
  value,
});

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
    const page = new MetricsPage(target.metricsUrl);
    let askedMs = Number.NEGATIVE_INFINITY;
    return Promise.resolve({
      read(tick) {
        const events: ProbeEvent[] = [];
        const reading = page.take(events);
        if (!page.isAbsent && tick.stageKind !== 'silence' && tick.tMs - askedMs >= everyMs) {
          askedMs = tick.tMs;
          page.ask();
        }
        return Promise.resolve({ samples: reading === null ? [] : [...reading].map(toSample), events });
      },
      close() {
        page.close();
        return Promise.resolve();
      },
    });
  },
};
