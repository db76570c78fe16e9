import { plainText } from '../../base/escape-html.ts';
import { rowSubject, valueText } from '../../computed/gate/value-text.ts';
import type { Finding, Verdict } from '../../model/detector.ts';
import type { ExportInput } from '../../model/exporter.ts';
import { type GateDecision, type GateRow, type GateState, gateStates } from '../../model/gate.ts';
import type { RunResult } from '../../model/result.ts';
import type { Results } from '../../model/section.ts';
import { placeName, withoutStop } from './session.ts';

/** An error text of a server may stand in a sentence, but it must not fill the file. */
const maxSentence = 600;

/** A row of the decision; without a decision, a finding of a run. Texts are on one line and not yet escaped. */
export interface Judgement {
  /** `<profile>/<stage>/<metric> <rule>`. */
  name: string;
  state: GateState;
  sentence: string;
  numbers: readonly { label: string; text: string }[];
}

export interface NotJudged {
  name: string;
  why: string;
}

export interface Overall {
  state: GateState;
  sentence: string;
}

const states: Readonly<Record<Exclude<Verdict, 'not-applicable'>, GateState>> = {
  ok: 'pass',
  warn: 'warn',
  fail: 'fail',
  inconclusive: 'inconclusive',
};

export function judgementsOf({ results, decision }: ExportInput): readonly Judgement[] {
  return decision === null ? findingsOf(results) : decision.rows.map((row) => fromRow(decision, row));
}

/** What could not be asked of the runs. */
export function notJudgedOf({ results, decision }: ExportInput): readonly NotJudged[] {
  const { profile } = results[0];
  return decision === null
    ? results.flatMap((result) =>
        result.findings
          .filter(({ verdict }) => verdict === 'not-applicable')
          .map(({ detector, summary }) => ({
            name: `${profile.name} ${detector}${repeatMark(results, result)}`,
            why: plainText(summary, maxSentence),
          })),
      )
    : decision.notJudged.map(({ rule, why }) => ({
        name: `${decision.profile} ${rule}`,
        why: plainText(why, maxSentence),
      }));
}

export function overallOf(input: ExportInput): Overall {
  const { results, decision } = input;
  if (decision !== null) {
    return { state: decision.state, sentence: plainText(decision.sentence, maxSentence) };
  }
  const state = worstRun(results);
  const told = judgementsOf(input).find((judgement) => judgement.state === state);
  const runs = results.length === 1 ? 'the run' : `${results.length} runs`;
  return {
    state,
    sentence: `${state === 'pass' || told === undefined ? `No detector speaks against ${runs}.` : told.sentence} The gate was not asked.`,
  };
}

/** By their verdicts, which know the detectors that the profile asks for. */
function worstRun(results: Results): GateState {
  const all = results.map(({ validity, verdict }) => (validity.state === 'invalid' ? 'invalid' : states[verdict]));
  return all.toSorted((a, b) => gateStates.indexOf(b) - gateStates.indexOf(a))[0] ?? 'pass';
}

export function worstFirst(judgements: readonly Judgement[]): readonly Judgement[] {
  return judgements.toSorted((a, b) => gateStates.indexOf(b.state) - gateStates.indexOf(a.state));
}

function fromRow({ profile }: GateDecision, row: GateRow): Judgement {
  const subject = row.metric === null ? '' : plainText(row.metric, 100);
  const place = placeName(profile, { stage: row.stage, instance: null });
  const device = row.instance === null ? '' : `@${plainText(row.instance, 100)}`;
  const name = subject === '' ? `${place}${device}` : `${place}/${subject}${device}`;
  return {
    name: `${name} ${plainText(row.rule, 100)}`,
    state: row.state,
    sentence: plainText(row.sentence === '' ? rowSubject(row) : row.sentence, maxSentence),
    numbers: numbersOf(row),
  };
}

/** A detector's threshold is where it fails, while it may warn before. */
function boundLabel({ rule, state }: GateRow): string {
  if (rule.startsWith('finding:')) {
    return 'threshold';
  }
  return state === 'fail' ? 'fails from' : 'not passed from';
}

function numbersOf(row: GateRow): Judgement['numbers'] {
  const one = (label: string, value: number | null): Judgement['numbers'] =>
    value === null ? [] : [{ label, text: valueText(value, row.unit) }];
  const list = (label: string, values: readonly number[]): Judgement['numbers'] =>
    values.length === 0 ? [] : [{ label, text: values.map((value) => valueText(value, row.unit)).join(', ') }];
  return [
    ...one('compared', row.value),
    ...one('usual', row.centre),
    ...one('reference', row.reference),
    ...one(boundLabel(row), row.threshold),
    ...(row.values.length > 1 ? list('repeats', row.values) : []),
    ...list('confirmation', row.confirmation),
    ...(row.failingSince === null ? [] : [{ label: 'failing since', text: plainText(row.failingSince, 120) }]),
  ];
}

function findingsOf(results: Results): readonly Judgement[] {
  return results.flatMap((result) => [
    ...validityOf(results, result),
    ...result.findings.flatMap((finding) => fromFinding(results, result, finding)),
  ]);
}

function validityOf(results: Results, result: RunResult): Judgement[] {
  return result.validity.state === 'valid'
    ? []
    : [
        {
          name: `${result.profile.name} validity${repeatMark(results, result)}`,
          state: 'invalid',
          sentence: plainText(
            `The run is invalid: ${result.validity.reasons.map(withoutStop).join('; ')}.`,
            maxSentence,
          ),
          numbers: [],
        },
      ];
}

function fromFinding(results: Results, result: RunResult, finding: Finding): Judgement[] {
  if (finding.verdict === 'not-applicable') {
    return [];
  }
  const place = placeName(result.profile.name, { stage: finding.stage, instance: null });
  const number = (label: string, value: number | null): Judgement['numbers'] =>
    value === null ? [] : [{ label, text: quantityText(value, finding.unit) }];
  return [
    {
      name: `${place} ${plainText(finding.detector, 100)}${repeatMark(results, result)}`,
      state: states[finding.verdict],
      sentence: plainText(finding.summary === '' ? finding.title : finding.summary, maxSentence),
      numbers: [...number('value', finding.value), ...number('threshold', finding.threshold)],
    },
  ];
}

function quantityText(value: number, unit: string): string {
  if (unit === 'bytes' || unit === 'ms' || unit === 'ratio' || unit === 'hours') {
    return valueText(value, unit);
  }
  return `${valueText(value, null)} ${plainText(unit, 40)}`.trim();
}

/** Names of cases must differ between the repeats of one session. */
function repeatMark(results: Results, result: RunResult): string {
  return results.length === 1 ? '' : ` (run ${results.indexOf(result) + 1} of ${results.length})`;
}
