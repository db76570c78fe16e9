import { escapeHtml } from '../base/escape-html.ts';
import type { Exporter, ExportInput } from '../model/exporter.ts';
import type { GateState } from '../model/gate.ts';
import type { Results } from '../model/section.ts';
import { type Judgement, judgementsOf, notJudgedOf } from './writing/judgements.ts';
import { startOf } from './writing/session.ts';

type CaseOutcome = 'passed' | 'failure' | 'error' | 'skipped';

/** A warning passes: a red build for what only warns would be turned off soon. */
const caseOutcomes: Readonly<Record<GateState, CaseOutcome>> = {
  pass: 'passed',
  calibrating: 'skipped',
  'not-comparable': 'skipped',
  inconclusive: 'skipped',
  warn: 'passed',
  flaky: 'passed',
  fail: 'failure',
  invalid: 'error',
};

/** Characters that XML 1.0 (production 2, Char) does not know; the rest of them falls to escapeHtml. */
function xmlText(text: string): string {
  return escapeHtml(text.replaceAll(/[\ufffe\uffff]/g, ''));
}

interface Case {
  name: string;
  state: GateState;
  outcome: CaseOutcome;
  message: string;
  lines: readonly string[];
}

function toCase({ name, state, sentence, numbers }: Judgement): Case {
  return {
    name,
    state,
    outcome: caseOutcomes[state],
    message: sentence,
    lines: [sentence, ...numbers.map(({ label, text }) => `${label}: ${text}`)],
  };
}

function casesOf(input: ExportInput): readonly Case[] {
  return [
    ...judgementsOf(input).map(toCase),
    ...notJudgedOf(input).map(
      ({ name, why }): Case => ({ name, state: 'inconclusive', outcome: 'skipped', message: why, lines: [why] }),
    ),
  ];
}

function caseXml(suite: string, { name, state, outcome, message, lines }: Case): string {
  const head = `    <testcase name="${xmlText(name)}" classname="${xmlText(suite)}"`;
  const body = lines.map(xmlText).join('\n');
  switch (outcome) {
    case 'passed':
      return state === 'pass'
        ? `${head}/>`
        : `${head}>\n      <system-out>${state}: ${body}</system-out>\n    </testcase>`;
    case 'skipped':
      return `${head}>\n      <skipped message="${xmlText(message)}"/>\n    </testcase>`;
    case 'failure':
    case 'error':
      return `${head}>\n      <${outcome} type="${state}" message="${xmlText(message)}">${body}</${outcome}>\n    </testcase>`;
  }
}

function propertiesOf({ results, decision }: ExportInput): readonly (readonly [string, string | null])[] {
  const [first] = results;
  return [
    ['session', first.session.id],
    ['runs', results.map(({ runId }) => runId).join(' ')],
    ['startedAt', startOf(results)],
    ['series', decision?.series ?? null],
    ['gate', decision?.state ?? null],
    ['hostClass', first.hostClass],
    ['corpus', `${first.corpus.name} ${first.corpus.digest}`],
    ['profileHash', first.profile.hash],
    ['measurementVersion', first.measurementVersion],
    ['tool', `${first.tool.name} ${first.tool.version}`],
    ['subject.version', first.subject.version],
    ['subject.commit', first.subject.commit],
    ['subject.image', first.subject.image],
    ...Object.entries(first.environment).map(([name, value]) => [`environment.${name}`, value] as const),
  ];
}

function durationSeconds(results: Results): string {
  const lastMs = results.map(({ stages }) => Math.max(0, ...stages.map(({ endMs }) => endMs)));
  return (lastMs.reduce((sum, ms) => sum + ms, 0) / 1000).toFixed(3);
}

/**
 * The form that Jenkins, GitLab and GitHub actions read (junit-10.xsd of the Jenkins xUnit plugin): a suite of the
 * profile, a case of each row. `timestamp` is UTC without a zone, as Ant's JUnit task writes it.
 */
export const junit: Exporter = {
  id: 'junit',
  title: 'JUnit XML: a case of every condition of the gate',
  write(input) {
    const suite = input.results[0].profile.name;
    const cases = casesOf(input);
    const count = (outcome: CaseOutcome): number => cases.filter((one) => one.outcome === outcome).length;
    const counts = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}"`;
    const time = `time="${durationSeconds(input.results)}"`;
    const properties = propertiesOf(input).flatMap(([name, value]) =>
      value === null ? [] : [`      <property name="${xmlText(name)}" value="${xmlText(value)}"/>`],
    );
    const text = [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<testsuites name="headroom" ${counts} ${time}>`,
      `  <testsuite name="${xmlText(suite)}" ${counts} skipped="${count('skipped')}" ${time} timestamp="${xmlText(startOf(input.results).slice(0, 19))}">`,
      '    <properties>',
      ...properties,
      '    </properties>',
      ...cases.map((one) => caseXml(suite, one)),
      '  </testsuite>',
      '</testsuites>',
      '',
    ].join('\n');
    return { files: [{ name: 'junit.xml', text }] };
  },
};
