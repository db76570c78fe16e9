import type { ExportedFile, Exporter, ExportInput } from '../model/exporter.ts';
import type { RunResult, StageResult } from '../model/result.ts';
import { meanOf } from './uttera/mean-of-curve.ts';
import { type Answer, isRefusal, type MeasuredLoad, measuredLoad } from './uttera/measured-load.ts';
import { memorySidecar } from './uttera/memory-sidecar.ts';
import { nodeOf } from './uttera/node.ts';
import { json, safeFileName, whyNotKept } from './writing/session.ts';

interface Service {
  repo: string;
  commit: string;
  tag?: string;
  protocol_doc: string;
  model: string;
  engine: string;
  config: object;
}

function serviceOf({ subject, measurementVersion, target }: RunResult): Answer<Service> {
  const { commit, version, image } = subject;
  if (commit === null || !/^[0-9a-f]{7,40}$/.test(commit)) {
    return {
      why: `the schema asks for the server's commit, 7 to 40 hexadecimal digits, and the run has ${commit === null ? 'none' : 'another text'}: run with --subject-commit`,
    };
  }
  return {
    repo: image ?? target.url,
    commit,
    ...(version === null ? {} : { tag: version }),
    protocol_doc: `headroom PROTOCOL.md, measurement version ${measurementVersion}`,
    model: 'not read',
    engine: image ?? version ?? 'not read',
    config: target.memoryLimit === null ? {} : { memory_limit_bytes: target.memoryLimit.bytes },
  };
}

const after = (startedAt: string, ms: number): string => new Date(Date.parse(startedAt) + ms).toISOString();

function resultOf(result: RunResult, stage: StageResult, load: MeasuredLoad, service: Service): object {
  const { ok } = stage.requests.outcomes;
  const { p50, p95, p99 } = stage.requests.latencyMs;
  const p90 = load.latency.points.find(({ ratio }) => ratio === 0.9)?.ms;
  const mean = meanOf(load.latency, load.maxMs);
  const warmup = result.stages
    .filter(({ kind }) => kind === 'warmup')
    .reduce((sum, { requests }) => sum + requests.planned, 0);
  return {
    schema_version: '1.0.0',
    run_id: `${result.runId}/${stage.name}`,
    run_started_at: after(result.startedAt, stage.startMs),
    run_finished_at: after(result.startedAt, Math.max(stage.endMs, stage.startMs + load.wallS * 1000)),
    node: nodeOf(result),
    service,
    corpus: {
      id: result.corpus.name,
      n_clips: result.corpus.items,
      // The mean length of the corpus is the audio of all answers over their number.
      total_audio_seconds: (load.audioSeconds / ok) * result.corpus.items,
    },
    profile: { ...load.profile, warmup },
    command: result.command,
    metrics: {
      wall_s: load.wallS,
      ok,
      fail: stage.requests.planned - ok,
      rps: ok / load.wallS,
      rtf_agg: load.audioSeconds / load.wallS,
      latency_ms: {
        min: load.latency.points[0]?.ms,
        p50,
        ...(p90 === undefined ? {} : { p90 }),
        p95,
        p99,
        max: load.maxMs,
        avg: mean.ms,
      },
    },
    notes: [
      `Stage ${stage.name} of profile ${result.profile.name}, exported by ${result.tool.name} ${result.tool.version}.`,
      'Latency counts from the planned time of each request; fail is all that was planned and not answered.',
      `avg is taken from a curve of quantiles: it lies between ${mean.lowestMs.toFixed(1)} and ${mean.highestMs.toFixed(1)} ms.`,
      `Headroom's own digest of the corpus is ${result.corpus.digest}; memory is in the file beside this one.`,
    ].join(' '),
  };
}

function filesOf(result: RunResult, input: ExportInput): Answer<readonly ExportedFile[]> {
  const service = serviceOf(result);
  if (isRefusal(service)) {
    return { why: `${result.runId}: ${service.why}` };
  }
  if (result.corpus.items < 1) {
    return { why: `${result.runId}: its corpus is empty` };
  }
  const loads = result.stages.filter(({ kind }) => kind === 'load');
  const answers = loads.map((stage) => ({
    stage,
    load: measuredLoad(result, stage, input.loads.get(stage.name) ?? null),
  }));
  const files = answers.flatMap(({ stage, load }) =>
    isRefusal(load)
      ? []
      : [
          {
            name: safeFileName(`${result.runId}_${stage.name}.json`),
            text: json(resultOf(result, stage, load, service)),
          },
        ],
  );
  if (files.length > 0) {
    const sidecar = memorySidecar(
      result,
      input.decision,
      files.map(({ name }) => name),
    );
    return [...files, { name: safeFileName(`${result.runId}.memory.json`), text: json(sidecar) }];
  }
  const told = answers.map(({ stage, load }) => `${stage.name}: ${isRefusal(load) ? load.why : ''}`).join('; ');
  return { why: `${result.runId}: ${told === '' ? 'it has no judged load' : told}` };
}

/**
 * bench-result 1.0.0 of uttera/uttera-benchmarks: one file for each stage whose load is one of its three kinds; unknown
 * keys are refused there, so what we know of memory lies in a file beside them.
 */
export const uttera: Exporter = {
  id: 'uttera',
  title: 'bench-result 1.0.0 of uttera-benchmarks, with our memory data beside it',
  write(input) {
    const refused = whyNotKept(input);
    if (refused !== null) {
      return { unexportable: refused };
    }
    const answers = input.results.map((result) => filesOf(result, input));
    const files = answers.flatMap((answer) => (isRefusal(answer) ? [] : answer));
    const whys = answers.flatMap((answer) => (isRefusal(answer) ? [answer.why] : []));
    return files.length === 0 ? { unexportable: whys.join('; ') } : { files };
  },
};
