import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import { detectors } from '../../detectors/index.ts';
import { engines } from '../../engines/index.ts';
import { findK6 } from '../../engines/k6/find-k6.ts';
import { executors } from '../../executors/index.ts';
import { generators } from '../../generators/index.ts';
import { readRun } from '../../store/read-run.ts';
import { openSink, type Sink } from '../../testing/sink.ts';
import { type PlugIns, type Prepared, prepare } from '../plan/prepare.ts';
import { merge } from './merge.ts';
import { scaleOut, segmentFlags } from './scale-out.ts';

const plugIns: PlugIns = {
  generators,
  executors,
  adapters,
  engines,
  detectorIds: detectors.map((detector) => detector.id),
};
const recipe = [
  'name: clips',
  'title: small pictures',
  'generator: image-png',
  'seed: 3',
  'count: 7',
  'licence: Apache-2.0',
  'params:',
  '  shapes:',
  '    - { width: 40, height: 30, share: 1 }',
  '',
].join('\n');
const readRecipe = (): { text: string; fileName: string } => ({ text: recipe, fileName: 'clips.yaml' });
const stages = [
  'name: even, kind: load, executor: constant-arrival-rate, rate: 20, maxInFlight: 30, for: 2s',
  'name: ramp, kind: load, executor: ramping-arrival-rate, fromRate: 5, toRate: 25, maxInFlight: 30, for: 2s',
  'name: fixed, kind: load, executor: shared-iterations, vus: 6, iterations: 25, for: 3s',
];

async function prepared(): Promise<Prepared> {
  const text = ['name: trio', 'question: q', 'corpus: clips', 'adapter: image-classify', 'stages:'];
  return await prepare({
    profile: { text: [...text, ...stages.map((stage) => `  - { ${stage} }`)].join('\n'), fileName: 'trio.yaml' },
    readRecipe,
    scale: 1,
    seed: null,
    corpus: null,
    adapter: null,
    only: null,
    timeoutMs: null,
    sampleIntervalMs: null,
    engine: 'native',
    plugIns,
  });
}

const k6Path = findK6(process.env);

describe.skipIf(k6Path === null)('three k6 processes (skipped without k6 on PATH or K6_PATH)', () => {
  let scratch = '';
  let sink: Sink | null = null;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'headroom-scale-out-'));
  });
  afterEach(async () => {
    await sink?.close();
    rmSync(scratch, { recursive: true });
  });

  it('send one plan together: every row once, and one result of it', { timeout: 60_000 }, async () => {
    sink = await openSink(() => ({ do: 'answer', delayMs: 30 }));
    const plan = await prepared();
    const outFolder = join(scratch, 'out');
    await scaleOut({
      prepared: plan,
      runners: 3,
      target: sink.url,
      adapterOptions: { model: 'any', check: 'auto', path: null, stream: false, template: null },
      outFolder,
      k6Image: 'grafana/k6:2.2.0',
      benchImage: 'headroom:latest',
      toolVersion: '0.1.0',
      signal: new AbortController().signal,
    });
    await execa('mkdir', [join(outFolder, 'results')]);
    const flags = ['--quiet', '--summary-mode=disabled', '--no-thresholds', '--no-usage-report'];
    await Promise.all(
      [0, 1, 2].map((index) =>
        execa(
          k6Path ?? 'k6',
          ['run', ...segmentFlags(index, 3).split(' '), ...flags, `--out=json=results/${index}.json.gz`, 'script.ts'],
          { cwd: outFolder },
        ),
      ),
    );
    const merged = await merge({
      folders: [outFolder],
      outFolder: join(scratch, 'results'),
      runId: 'merged',
      argv: ['merge', 'out'],
      plugIns,
      readRecipe,
      detectors,
    });
    const { records, manifest } = await readRun(merged.folder);
    const planned = [0, 1, 2].flatMap((index) => {
      const rows = plan.plan.rows(index, new Map());
      return rows?.model === 'open' ? rows.rows.map(({ seq, item }) => ({ seq, itemId: item.id })) : [];
    });
    const shared = Array.from({ length: 25 }, (_, n) => 2_000_000 + n);
    const seqs = records.map(({ seq }) => seq).toSorted((a, b) => a - b);
    expect(seqs).toEqual([...planned.map(({ seq }) => seq), ...shared]);
    for (const { seq, itemId } of planned) {
      expect(records.find((record) => record.seq === seq)).toMatchObject({ itemId, outcome: 'ok' });
    }
    expect(merged.missing).toBe(0);
    expect(sink.arrivalsMs).toHaveLength(seqs.length);
    expect(manifest.planHash).toBe(plan.plan.hash);
    expect(merged.result.requests.planned).toBe(seqs.length);
    expect(readFileSync(join(outFolder, 'README.md'), 'utf8')).toContain('--execution-segment 1/3:2/3');
  });
});
