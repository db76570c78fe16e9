import { BenchError } from '../../base/errors.ts';
import { detectors } from '../../detectors/index.ts';
import { native } from '../../engines/native/native.ts';
import type { Adapter, AdapterOptions } from '../../model/adapter.ts';
import type { OpenProbe } from '../../model/probe.ts';
import type { Observe } from '../../model/target.ts';
import { findTarget } from '../../phases/find-target.ts';
import { localHostView } from '../../phases/local-host-view.ts';
import { type Prepared, prepare } from '../../phases/prepare.ts';
import { run } from '../../phases/run.ts';
import type { TargetChoice } from '../../phases/target-choice.ts';
import { clientProbes } from '../../probes/index.ts';
import { targetFinders } from '../../targets/index.ts';
import { assertReachable } from '../../targets/socket/reachability.ts';
import { exitCodeOf } from '../exit-code.ts';
import { refuseUnknownFault } from '../faults.ts';
import { packageRoot, packageVersion, readYaml, scripts } from '../library.ts';
import { plugIns } from '../lists.ts';
import { type ObserveOptions, parseAgent, parseObserve } from '../observe-options.ts';
import { ProgressView } from '../progress.ts';
import { catchSignals } from '../signals.ts';
import { printSummary } from '../summary.ts';
import { isLoopback, parseTarget } from '../target-option.ts';
import { openTerminal } from '../terminal.ts';
import { parseAdapterOptions, readAuthorities, type WireOptions } from '../wire-options.ts';
import { type PlanOptions, printPlan } from './plan.ts';
import { writePage } from './report.ts';

export interface RunCommandOptions extends PlanOptions, ObserveOptions, WireOptions {
  target: string;
  device: string;
  vram?: string;
  knob: readonly string[];
  memoryLimit?: number;
  exec?: string;
  readyWithin: number;
  header: readonly string[];
  interval?: number;
  guard: number | null;
  allowRemote: boolean;
  out: string;
  runId?: string;
  reports: string;
  report: boolean;
  quiet: boolean;
  dryRun: boolean;
  strict: boolean;
}

function parseHeaders(texts: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const text of texts) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$/.exec(text);
    if (match?.[1] === undefined || match[2] === undefined) {
      throw new BenchError('USAGE', 'A --header is not of the form "Name: value".', {
        hint: "For example --header 'Authorization: Bearer KEY'.",
      });
    }
    headers[match[1].toLowerCase()] = match[2];
  }
  return headers;
}

function chooseTarget(options: RunCommandOptions, timeScale: number): TargetChoice {
  const target = parseTarget(options.target);
  if (target.kind === 'worker') {
    return target;
  }
  if (target.kind === 'url') {
    if (options.memoryLimit !== undefined && options.exec === undefined) {
      throw new BenchError('USAGE', '--memory-limit holds only what bench starts, and --target is a URL.', {
        hint: 'Start the server with --exec, limit it where it is started, or use --target reference.',
      });
    }
    if (!isLoopback(target.url) && !options.allowRemote) {
      throw new BenchError('REMOTE_NOT_ALLOWED', `${target.url.host} is not this machine.`, {
        hint: 'Overload hurts whoever shares it; if it is yours to break, add --allow-remote.',
      });
    }
    return options.exec === undefined
      ? target
      : {
          kind: 'exec',
          url: target.url,
          commandLine: options.exec,
          readyWithinMs: options.readyWithin,
          limitBytes: options.memoryLimit ?? null,
        };
  }
  if (options.agent !== undefined) {
    throw new BenchError('USAGE', '--agent samples another host, and --target reference is started on this one.', {
      hint: 'Leave --agent out, or name the URL of a server on its host.',
    });
  }
  if (options.exec !== undefined) {
    throw new BenchError('USAGE', '--exec starts a server of yours, and --target is the reference server.', {
      hint: 'Name the URL where the command listens with --target.',
    });
  }
  return {
    kind: 'reference',
    limitBytes: options.memoryLimit ?? null,
    options: {
      script: scripts.referenceServer,
      fault: target.fault,
      fixes: target.fixes,
      device: options.device,
      vram: options.vram ?? null,
      knobs: options.knob,
      timeScale,
      port: 0,
    },
  };
}

/** A worker without a port can only be found by name, and only be driven by what it fetches. */
function refuseLostWorker({ kind }: TargetChoice, adapter: Adapter, observe: Observe): void {
  if (kind === 'worker' && (adapter.kind === 'call' || observe.by === 'listening-socket')) {
    const what = adapter.kind === 'call' ? `and ${adapter.id} has to call it` : 'and nothing says which process it is';
    throw new BenchError('USAGE', `--target worker has no port, ${what}.`, {
      hint: 'Use --adapter job-queue and --pid, --cgroup, --unit or --container.',
    });
  }
}

/** A template that cannot be read, or an item that it cannot carry, is told before anything is sent. */
function tryOneRequest({ adapter, corpus }: Prepared, options: AdapterOptions): void {
  const [first] = corpus.items;
  if (adapter.kind === 'call' && first !== undefined) {
    adapter.request(first, options);
  }
}

async function openClientProbes(): Promise<{ id: string; open: OpenProbe }[]> {
  return await Promise.all(clientProbes.map(async (probe) => ({ id: probe.id, open: await probe.open() })));
}

export async function runCommand(profileName: string, options: RunCommandOptions): Promise<number> {
  const terminal = openTerminal({ quiet: options.quiet });
  const prepared = await prepare({
    profile: readYaml('profiles', profileName),
    readRecipe: (name) => readYaml('corpora', name),
    scale: options.scale,
    seed: options.seed ?? null,
    corpus: options.corpus ?? null,
    adapter: options.adapter ?? null,
    only: options.only ?? null,
    timeoutMs: options.timeout ?? null,
    sampleIntervalMs: options.interval ?? null,
    engine: options.engine,
    plugIns,
  });
  const target = chooseTarget(options, prepared.profile.referenceTimeScale);
  if (target.kind === 'reference') {
    await refuseUnknownFault(target.options.fault, target.options.fixes);
  }
  const adapterOptions = parseAdapterOptions(options, target.kind === 'reference', prepared.profile.scale);
  tryOneRequest(prepared, adapterOptions);
  if (options.dryRun) {
    printPlan(prepared, options.json, terminal);
    return 0;
  }
  const view = new ProgressView(terminal);
  const signals = catchSignals(() => terminal.err('stopping: the run is being sealed; a second Ctrl-C leaves at once'));
  const address = { healthPath: options.health, readyPath: options.ready ?? null, metricsUrl: options.metrics ?? null };
  const observe = parseObserve(options);
  refuseLostWorker(target, prepared.adapter, observe);
  const agent = parseAgent(options);
  try {
    const { folder, result } = await run({
      prepared,
      target,
      async preflight(url) {
        // An agent finds the target on its own host.
        if (agent === null) {
          await findTarget(targetFinders, observe, { ...address, url, deviceMonitor: null }, localHostView());
        } else {
          await assertReachable(url);
        }
      },
      adapterOptions,
      neighbour: { engine: native, url: options.neighbour ?? null },
      tlsAuthorities: readAuthorities(options),
      headers: parseHeaders(options.header),
      address,
      observe,
      agent,
      skipProbes: options.probe,
      guardRatio: options.guard,
      outFolder: options.out,
      runId: options.runId ?? null,
      argv: process.argv.slice(2),
      toolVersion: packageVersion(),
      packageRoot,
      samplerScript: scripts.sampler,
      openClientProbes,
      detectors,
      signal: signals.signal,
      onStart(started, observed) {
        terminal.err(`run ${started.runId}`);
        terminal.err(`engine ${prepared.engine.id} (${prepared.engineWhy}); target ${observed}`);
      },
      onProgress: (progress) => view.show(progress),
      onNotice: (line) => terminal.err(line),
    });
    view.end();
    const reportPath = options.report ? await writePage(result, options.reports) : null;
    if (options.json) {
      terminal.out(JSON.stringify(result));
    } else {
      printSummary(result, reportPath, terminal);
    }
    terminal.err(`results ${folder.path}`);
    return exitCodeOf(result, { strict: options.strict, signal: signals.caught() });
  } finally {
    signals.release();
  }
}
