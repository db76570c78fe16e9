import { type GatedSession, gateSession } from '../../phases/gate/gate.ts';
import { writeDecision } from '../../store/decision-file.ts';
import { openTerminal, type Terminal } from '../terminal.ts';
import { readGateConstants } from './gate-constants.ts';
import { decisionLines, explanationLines } from './gate-lines.ts';

export interface GateCommandOptions {
  out: string;
  history?: string;
  project?: string;
  gates?: string;
  confirm: 'auto' | 'off';
  confirmation: readonly string[];
  requireBaseline: boolean;
  strict: boolean;
  json: boolean;
}

type Output = Pick<Terminal, 'out' | 'color'>;

/** Judges the runs of one session against their history. Writes the decision, never the history. */
export async function gateCommand(
  runs: readonly string[],
  options: GateCommandOptions,
  terminal: Output = openTerminal(),
): Promise<number> {
  const gated = openSession(runs, options);
  const path = writeDecision(options.out, gated.decision);
  print(gated, options, terminal, [...decisionLines(gated, terminal.color), `decision ${path}`]);
  return gateExitCode(gated, options);
}

/** The same judgement with every rule, its inputs and what would not have passed. Writes nothing. */
export async function gateExplainCommand(
  runs: readonly string[],
  options: GateCommandOptions,
  terminal: Output = openTerminal(),
): Promise<number> {
  const gated = openSession(runs, options);
  print(gated, options, terminal, explanationLines(gated, terminal.color));
  return gateExitCode(gated, options);
}

function print(
  { decision }: GatedSession,
  { json }: GateCommandOptions,
  terminal: Output,
  lines: readonly string[],
): void {
  for (const line of json ? [JSON.stringify(decision)] : lines) {
    terminal.out(line);
  }
}

export function openSession(
  runs: readonly string[],
  options: Pick<GateCommandOptions, 'out' | 'history' | 'project' | 'gates' | 'confirm' | 'confirmation'>,
): GatedSession {
  return gateSession({
    runs,
    confirmation: options.confirmation,
    outFolder: options.out,
    historyFile: options.history ?? null,
    project: options.project ?? null,
    constants: readGateConstants(options.gates ?? null),
    confirm: options.confirm,
  });
}

/** If several apply, the first of: 3, 1, 4, 0 (PROTOCOL 9.2 and 12.10). */
export function gateExitCode(
  { decision }: GatedSession,
  { requireBaseline, strict }: Pick<GateCommandOptions, 'requireBaseline' | 'strict'>,
): number {
  if (decision.state === 'invalid') {
    return 3;
  }
  const failing = strict ? ['fail', 'flaky', 'warn', 'inconclusive'] : ['fail'];
  if (failing.includes(decision.state)) {
    return 1;
  }
  const isCompared = decision.rows.some(
    ({ layer, value, state }) => layer === 'relative' && value !== null && state !== 'calibrating',
  );
  return requireBaseline && !isCompared ? 4 : 0;
}
