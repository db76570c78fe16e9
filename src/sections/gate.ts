import { escapeHtml, plainText } from '../base/escape-html.ts';
import { type GateDecision, type GateRow, gateStates } from '../model/gate.ts';
import type { Block, ReportSection } from '../model/section.ts';
import { formatCount } from './wording/counts.ts';
import { gateLooks, gateValue, gateWords } from './wording/gate-values.ts';

/** An error text of a server may stand in a sentence, but it must not fill the page. */
const maxSentence = 600;

function subjectOf({ metric, stage, instance }: GateRow): string {
  return [metric, stage === null ? null : `in ${stage}`, instance === null ? null : `on ${instance}`]
    .filter((part) => part !== null)
    .join(' ');
}

function numbersOf(row: GateRow): readonly string[] {
  const { unit } = row;
  const list = (values: readonly number[]): string => values.map((value) => gateValue(unit, value)).join(', ');
  return [
    ...(row.value === null ? [] : [`compared ${gateValue(unit, row.value)}`]),
    ...(row.values.length > 1 ? [`repeats ${list(row.values)}`] : []),
    ...(row.centre === null ? [] : [`usual ${gateValue(unit, row.centre)}`]),
    ...(row.reference === null ? [] : [`reference ${gateValue(unit, row.reference)}`]),
    ...(row.threshold === null ? [] : [`not passed from ${gateValue(unit, row.threshold)} on`]),
    ...(row.confirmation.length === 0 ? [] : [`confirmation ${list(row.confirmation)}`]),
    ...(row.failingSince === null ? [] : [`since ${row.failingSince}`]),
  ];
}

function article(row: GateRow): string {
  const numbers = numbersOf(row);
  const subject = subjectOf(row);
  return [
    `<article class="finding ${gateLooks[row.state]}">`,
    `<p class="mark"><span class="chip">${gateWords[row.state]}</span> <code>${escapeHtml(row.rule)}</code></p>`,
    `<h3>${escapeHtml(subject === '' ? row.rule.replaceAll('-', ' ') : subject)}</h3>`,
    `<p>${escapeHtml(plainText(row.sentence, maxSentence))}</p>`,
    numbers.length === 0 ? '' : `<p class="numbers">${escapeHtml(numbers.join(' · '))}</p>`,
    '</article>',
  ].join('');
}

/** Worst first, as the decision weighs them. */
function loudRows(rows: readonly GateRow[]): readonly GateRow[] {
  return rows
    .filter(({ state }) => state !== 'pass')
    .toSorted((a, b) => gateStates.indexOf(b.state) - gateStates.indexOf(a.state));
}

function summary(decision: GateDecision): Block {
  const loud = loudRows(decision.rows);
  const passed = decision.rows.length - loud.length;
  const compared =
    decision.historyUsed.length === 0
      ? 'No earlier night was comparable'
      : `Compared with ${formatCount(decision.historyUsed.length)} earlier ${decision.historyUsed.length === 1 ? 'night' : 'nights'}`;
  const confirm = decision.needsConfirmation
    ? '<p class="do"><b>Do:</b> Run a second session on a fresh server: without it a shift is only suspected.</p>'
    : '';
  const notices = decision.notices.map((notice) => `<li>${escapeHtml(plainText(notice, maxSentence))}</li>`);
  return {
    type: 'html',
    html: [
      `<div class="verdict ${gateLooks[decision.state]}"><h3>${gateWords[decision.state]}: ${escapeHtml(plainText(decision.sentence, maxSentence))}</h3>`,
      `<p>${escapeHtml(`${compared}; ${formatCount(passed)} of ${formatCount(decision.rows.length)} conditions passed. Rules ${decision.constants.version}; without any change these rules are red about ${decision.expectedFalseRedsPerYear.toFixed(1)} times a year.`)}</p></div>`,
      confirm,
      notices.length === 0 ? '' : `<ul class="notices">${notices.join('')}</ul>`,
      `<div class="findings">${loud.map(article).join('')}</div>`,
    ].join(''),
  };
}

function differences({ differences: all }: GateDecision): readonly Block[] {
  return all.length === 0
    ? []
    : [
        {
          type: 'table',
          caption:
            'Where the runs differ from those before: what must match makes them incomparable, the rest is a warning',
          headings: ['field', 'class', 'before', 'now'],
          rows: all.map(({ class: kind, field, baseline, candidate }) => [
            field,
            kind === 'must' ? 'must match' : 'should match',
            baseline === null ? 'not read' : plainText(baseline, 120),
            candidate === null ? 'not read' : plainText(candidate, 120),
          ]),
        },
      ];
}

function rowsTable({ rows }: GateDecision): readonly Block[] {
  return rows.length === 0
    ? []
    : [
        {
          type: 'table',
          isFolded: true,
          caption: 'Every condition with all that went into it; – does not apply',
          headings: [
            'condition',
            'layer',
            'state',
            'of',
            'repeats',
            'compared',
            'usual',
            'reference',
            'not passed from',
          ],
          rows: rows.map((row) => [
            row.rule,
            row.layer,
            `${gateWords[row.state]}${row.isGating ? '' : ', only warns'}`,
            subjectOf(row) || 'the whole run',
            row.values.length === 0 ? '–' : row.values.map((value) => gateValue(row.unit, value)).join(', '),
            gateValue(row.unit, row.value),
            gateValue(row.unit, row.centre),
            gateValue(row.unit, row.reference),
            gateValue(row.unit, row.threshold),
          ]),
        },
      ];
}

function notJudged({ notJudged: all }: GateDecision): readonly Block[] {
  return all.length === 0
    ? []
    : [
        {
          type: 'table',
          isFolded: true,
          caption: 'Conditions that could not be asked of these runs',
          headings: ['condition', 'why'],
          rows: all.map(({ rule, why }) => [rule, plainText(why, maxSentence)]),
        },
      ];
}

export const gate: ReportSection = {
  id: 'gate',
  title: 'Gate',
  render: (_, decision) =>
    decision === null
      ? []
      : [summary(decision), ...differences(decision), ...rowsTable(decision), ...notJudged(decision)],
};
