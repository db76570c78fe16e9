import { BenchError } from '../../base/errors.ts';
import { formatDuration } from '../../base/units.ts';
import { detectors } from '../../detectors/index.ts';
import { native } from '../../engines/native/native.ts';
import type { AdapterOptions } from '../../model/adapter.ts';
import type { SessionPlace, SessionPurpose } from '../../model/history.ts';
import type { OpenProbe } from '../../model/probe.ts';
import type { RunResult } from '../../model/result.ts';
import type { Observe } from '../../model/target.ts';
import type { AgentAddress } from '../../phases/agent/link.ts';
import { findTarget } from '../../phases/launch/find-target.ts';
import type { TargetChoice } from '../../phases/launch/target-choice.ts';
import type { Prepared } from '../../phases/plan/prepare.ts';
import { run } from '../../phases/run.ts';
import { createRunId } from '../../phases/run-id.ts';
import { localHostView } from '../../phases/sampler/local-host-view.ts';
import { clientProbes } from '../../probes/index.ts';
import { targetFinders } from '../../targets/index.ts';
import { assertReachable } from '../../targets/socket/reachability.ts';
import { chooseTarget, refuseLostWorker, type TargetOptions } from '../choose-target.ts';
import { exitCodeOf, firstOfExitCodes } from '../exit-code.ts';
import { refuseUnknownFault } from '../faults.ts';
import { packageRoot, packageVersion, scripts } from '../library.ts';
import { type ObserveOptions, parseAgent, parseObserve } from '../observe-options.ts';
import { type GuardOption, guardRatioOf } from '../option-values.ts';
import { type PlanOptions, prepareProfile } from '../prepare-profile.ts';
import { ProgressView } from '../progress.ts';
import { refuseUnknownProbe } from '../refuse-unknown-probe.ts';
import { catchSignals } from '../signals.ts';
import { printSummary } from '../summary.ts';
import { openTerminal, type Terminal } from '../terminal.ts';
import { warnOfOpenToken } from '../token-file.ts';
import {
  parseAdapterOptions,
  parseHeaders,
  readAuthorities,
  tryOneRequest,
  type WireOptions,
} from '../wire-options.ts';
import { printPlan, printWarnings } from './plan.ts';
import { writePage } from './report.ts';

export interface RunCommandOptions extends PlanOptions, ObserveOptions, WireOptions, TargetOptions {
  header: readonly string[];
  interval?: number;
  guard: GuardOption;
  repeats: number;
  session?: string;
  purpose: SessionPurpose;
  subjectVersion?: string;
  subjectCommit?: string;
  subjectImage?: string;
  out: string;
  runId?: string;
  reports: string;
  report: boolean;
  quiet: boolean;
  dryRun: boolean;
  strict: boolean;
  anonymize: boolean;
  static: boolean;
}

async function openClientProbes(): Promise<{ id: string; open: OpenProbe }[]> {
  return await Promise.all(clientProbes.map(async (probe) => ({ id: probe.id, open: await probe.open() })));
}

/** All that the repeats of a session share: nothing of it changes from one to the next. */
interface Session {
  prepared: Prepared;
  target: TargetChoice;
  adapterOptions: AdapterOptions;
  observe: Observe;
  agent: AgentAddress | null;
  options: RunCommandOptions;
  terminal: Terminal;
}

/** A server takes its time to start, and a silent terminal looks dead; null: nothing is started. */
function startingLine(target: TargetChoice): string | null {
  switch (target.kind) {
    case 'reference':
      return 'starting the reference server';
    case 'exec':
      return `starting the server; it has ${formatDuration(target.readyWithinMs)} to become healthy`;
    case 'url':
    case 'worker':
      return null;
  }
}

async function runOnce(session: Session, place: SessionPlace | null): Promise<{ result: RunResult; exitCode: number }> {
  const { prepared, target, adapterOptions, observe, agent, options, terminal } = session;
  const view = new ProgressView(terminal);
  let runId: string | null = null;
  const signals = catchSignals(
    () => view.say('stopping: the run is being sealed; a second Ctrl-C leaves at once'),
    () => view.say(runId === null ? 'left at once' : `left at once; bench recover ${runId} makes the run readable`),
  );
  const address = { healthPath: options.health, readyPath: options.ready ?? null, metricsUrl: options.metrics ?? null };
  try {
    const starting = startingLine(target);
    if (starting !== null) {
      terminal.err(starting);
    }
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
      guardRatio: guardRatioOf(options.guard),
      session: place,
      subject: {
        version: options.subjectVersion ?? null,
        commit: options.subjectCommit ?? null,
        image: options.subjectImage ?? null,
      },
      outFolder: options.out,
      runId: options.runId ?? null,
      argv: process.argv.slice(2),
      toolVersion: packageVersion(),
      packageRoot,
      samplerScript: scripts.sampler,
      openClientProbes,
      detectors,
      isAnonymized: options.anonymize,
      signal: signals.signal,
      onStart(started, observed) {
        ({ runId } = started);
        terminal.err(`run ${runId}`);
        terminal.err(`engine ${prepared.engine.id} (${prepared.engineWhy}); target ${observed}`);
      },
      onProgress: (progress) => view.show(progress),
      onNotice: (line) => view.say(line),
    });
    view.end();
    const reportPath = options.report ? await writePage(result, options) : null;
    if (options.json) {
      terminal.out(JSON.stringify(result));
    } else {
      printSummary(result, reportPath, terminal);
    }
    terminal.err(`results ${folder.path}`);
    return { result, exitCode: exitCodeOf(result, { strict: options.strict, signal: signals.caught() }) };
  } finally {
    signals.release();
  }
}

/** null: a session of one run, named like it. */
function sessionOf(options: RunCommandOptions, profile: string): Omit<SessionPlace, 'repeat'> | null {
  if (options.repeats > 1 && options.runId !== undefined) {
    throw new BenchError('USAGE', '--run-id names one run, and --repeats makes several.', {
      hint: 'Leave one of them out; --session names the repeats together.',
    });
  }
  return options.repeats === 1 && options.session === undefined && options.purpose === 'manual'
    ? null
    : {
        id: options.session ?? createRunId(new Date(), profile, 'session'),
        of: options.repeats,
        purpose: options.purpose,
      };
}

/** One run, or the repeats of a session one after the other; what bench starts is started anew for each (PROTOCOL 18.3). */
async function runSession(session: Session, place: Omit<SessionPlace, 'repeat'> | null): Promise<number> {
  const { options, terminal } = session;
  const exitCodes: number[] = [];
  if (options.repeats > 1 && session.target.kind === 'url') {
    terminal.err(
      'the repeats share one server, since bench did not start it: what one leaves behind, the next one has',
    );
  }
  for (let repeat = 1; repeat <= options.repeats; repeat += 1) {
    if (options.repeats > 1) {
      terminal.err(`repeat ${repeat} of ${options.repeats}, session ${place?.id ?? ''}`);
    }
    const { exitCode } = await runOnce(session, place === null ? null : { ...place, repeat });
    exitCodes.push(exitCode);
    if (exitCode === 130 || exitCode === 143) {
      break;
    }
  }
  return firstOfExitCodes(exitCodes);
}

export async function runCommand(profileName: string, options: RunCommandOptions): Promise<number> {
  const terminal = openTerminal({ quiet: options.quiet });
  refuseUnknownProbe(options.probe);
  const prepared = await prepareProfile(profileName, options);
  const target = chooseTarget(options, prepared.profile.referenceTimeScale);
  if (target.kind === 'reference') {
    await refuseUnknownFault(target.options.fault, target.options.fixes);
  }
  const adapterOptions = parseAdapterOptions(options, target.kind === 'reference', prepared.profile.scale);
  tryOneRequest(prepared, adapterOptions);
  printWarnings(prepared, terminal);
  if (options.dryRun) {
    printPlan(prepared, options.json, terminal);
    return 0;
  }
  const observe = parseObserve(options);
  refuseLostWorker(target, prepared.adapter, observe);
  const agent = parseAgent(options);
  warnOfOpenToken(options.agentTokenFile, terminal);
  const place = sessionOf(options, prepared.profile.name);
  return await runSession({ prepared, target, adapterOptions, observe, agent, options, terminal }, place);
}
