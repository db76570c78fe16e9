/** The detectors of the harness, as a profile may name them. */
export const detectorIds = [
  'oom-kill',
  'process-restart',
  'low-headroom',
  'growth-without-load',
  'retained-memory',
  'memory-stall',
  'probe-failure',
  'masked-failure',
];

/** The text of a profile with these stages, each in YAML's flow style; the first stands in line 5. */
export function withStages(...stages: readonly string[]): string {
  return ['name: x', 'question: q', 'corpus: c', 'stages:', ...stages.map((stage) => `  - { ${stage} }`)].join('\n');
}

export const warmup = 'name: warm, kind: warmup, executor: constant-vus, vus: 2, for: 5s';
export const steady = (rate: string): string =>
  `name: steady, kind: load, executor: constant-arrival-rate, rate: ${rate}, for: 5s`;
