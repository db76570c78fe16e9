type Labels = Readonly<Record<string, string>>;

interface Family {
  kind: 'counter' | 'gauge';
  help: string;
  rows: { labels: Labels; value: number }[];
}

/** Counts by label set, for one counter family. */
export interface Counter {
  add(labels?: Labels): void;
  rows(): Family['rows'];
}

export function createCounter(): Counter {
  const rows = new Map<string, { labels: Labels; value: number }>();
  return {
    add(labels = {}) {
      const key = JSON.stringify(labels);
      const row = rows.get(key) ?? { labels, value: 0 };
      row.value += 1;
      rows.set(key, row);
    },
    rows: () => [...rows.values()],
  };
}

/** A counter that is kept elsewhere. */
export function constantRows(value: number): Pick<Counter, 'rows'> {
  return { rows: () => [{ labels: {}, value }] };
}

export interface Exposition {
  counter(name: string, help: string, counter: Pick<Counter, 'rows'>): void;
  /** A null value is left out: not there is not zero. */
  gauge(name: string, help: string, value: number | null, labels?: Labels): void;
  text(): string;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function lineOf(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}

/** Collects families and prints them in the Prometheus text format 0.0.4. */
export function createExposition(): Exposition {
  const families = new Map<string, Family>();
  return {
    counter(name, help, counter) {
      const rows = counter.rows();
      families.set(name, { kind: 'counter', help, rows: rows.length === 0 ? [{ labels: {}, value: 0 }] : rows });
    },
    gauge(name, help, value, labels = {}) {
      if (value === null) {
        return;
      }
      const family = families.get(name) ?? { kind: 'gauge', help, rows: [] };
      family.rows.push({ labels, value });
      families.set(name, family);
    },
    text: () =>
      [...families]
        .flatMap(([name, { kind, help, rows }]) => [
          `# HELP ${name} ${help}`,
          `# TYPE ${name} ${kind}`,
          ...rows.map(({ labels, value }) => lineOf(name, labels, value)),
          '',
        ])
        .join('\n')
        .replaceAll('\n\n', '\n'),
  };
}
