import { valueText } from '../computed/gate/value-text.ts';
import type { Exporter, ExportInput } from '../model/exporter.ts';
import { annotationLines } from './writing/annotations.ts';
import { type Judgement, judgementsOf, notJudgedOf, overallOf, worstFirst } from './writing/judgements.ts';
import { fittedPage, type MarkdownBlock, markdownCode, markdownText } from './writing/markdown-text.ts';
import { metricName, safeFileName, sessionMetrics, startOf } from './writing/session.ts';

/** A step may write 1 MiB; other commands of the same step write there too. */
export const maxSummaryBytes = 1000 * 1024;
/** GitHub refuses a comment above 65,536 characters. */
export const maxCommentBytes = 60 * 1000;

/** A line that the workflow finds its own comment by; it is not shown. */
export function commentMarker(profile: string): string {
  return `<!-- headroom:${safeFileName(profile).replaceAll(/-{2,}/g, '-')} -->`;
}

const tableRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (headings: readonly string[]): string[] => ['', tableRow(headings), tableRow(headings.map(() => '---'))];

function folded(title: string, headings: readonly string[], rows: readonly string[]): readonly MarkdownBlock[] {
  return rows.length === 0
    ? []
    : [
        {
          before: ['', `<details><summary>${markdownText(title)}</summary>`, ...table(headings)],
          lines: rows,
          after: ['', '</details>'],
        },
      ];
}

function judgementRow({ name, state, sentence, numbers }: Judgement): string {
  const told = numbers.map(({ label, text }) => `${label} ${text}`).join('; ');
  return tableRow([state, markdownCode(name), markdownText(told), markdownText(sentence)]);
}

const judgementHeadings = ['state', 'condition', 'numbers', 'what it says'];

function judgements(input: ExportInput): readonly MarkdownBlock[] {
  const all = worstFirst(judgementsOf(input));
  const calibrating = all.filter(({ state }) => state === 'calibrating');
  const loud = all.filter(({ state }) => state !== 'pass' && state !== 'calibrating');
  const passed = all.filter(({ state }) => state === 'pass');
  return [
    ...(loud.length === 0
      ? []
      : [{ before: table(judgementHeadings), lines: loud.map(judgementRow), after: [] } satisfies MarkdownBlock]),
    ...calibratingLine(calibrating),
    ...notices(input),
    ...folded(`${calibrating.length} calibrating`, judgementHeadings, calibrating.map(judgementRow)),
    ...folded(`${passed.length} passed`, judgementHeadings, passed.map(judgementRow)),
  ];
}

/** One line for all of them: each waits for the same thing, more nights. */
function calibratingLine(calibrating: readonly Judgement[]): readonly MarkdownBlock[] {
  const [first] = calibrating;
  const are = calibrating.length === 1 ? 'condition is' : 'conditions are';
  return first === undefined
    ? []
    : [
        {
          before: ['', `${calibrating.length} ${are} calibrating: ${markdownText(first.sentence)}`],
          lines: [],
          after: [],
        },
      ];
}

function notices({ decision }: ExportInput): readonly MarkdownBlock[] {
  const lines = (decision?.notices ?? []).map((notice) => `- ${markdownText(notice)}`);
  const different = (decision?.differences ?? []).map(
    ({ field, class: kind, baseline, candidate }) =>
      `- ${markdownText(field)} (${kind === 'must' ? 'must match' : 'should match'}): ${markdownText(baseline ?? 'not read')} before, ${markdownText(candidate ?? 'not read')} now`,
  );
  return lines.length + different.length === 0 ? [] : [{ before: [''], lines: [...lines, ...different], after: [] }];
}

function measured({ results }: ExportInput): readonly MarkdownBlock[] {
  const { name } = results[0].profile;
  return folded(
    'Measured: median of the repeats',
    ['metric', 'median', 'least', 'most', 'limit'],
    sessionMetrics(results).map(({ id, stage, instance, unit, median, values, limit }) =>
      tableRow([
        markdownCode(metricName(name, { id, stage, instance })),
        ...[median, Math.min(...values), Math.max(...values), limit].map((value) => valueText(value, unit)),
      ]),
    ),
  );
}

function heading(input: ExportInput): MarkdownBlock {
  const { results, decision } = input;
  const [first] = results;
  const { state, sentence } = overallOf(input);
  const facts = [
    `session ${markdownCode(first.session.id)}`,
    `${results.length} ${results.length === 1 ? 'run' : 'runs'}`,
    `started ${markdownText(startOf(results))}`,
    `on ${markdownText(first.hostClass)}`,
    ...(first.subject.version === null ? [] : [`server ${markdownText(first.subject.version)}`]),
    ...(first.subject.commit === null ? [] : [`commit ${markdownCode(first.subject.commit)}`]),
    ...(decision === null ? [] : [`compared with ${decision.historyUsed.length} earlier nights`]),
  ];
  const confirm =
    decision?.needsConfirmation === true
      ? ['', 'Run a second session on a fresh server: without it a shift is only suspected.']
      : [];
  return {
    before: [
      `### ${markdownText(first.profile.name)}: ${state}`,
      '',
      markdownText(sentence),
      '',
      facts.join(' · '),
      ...confirm,
    ],
    lines: [],
    after: [],
  };
}

function page(input: ExportInput, maxBytes: number): string {
  const blocks = [
    heading(input),
    ...judgements(input),
    ...measured(input),
    ...folded(
      'Not judged',
      ['condition', 'why'],
      notJudgedOf(input).map(({ name, why }) => tableRow([markdownCode(name), markdownText(why)])),
    ),
  ];
  return fittedPage(blocks, maxBytes);
}

/**
 * For a GitHub workflow: the step's summary, a comment that is found again by its marker, and annotations, whose
 * lines a step prints.
 */
export const markdown: Exporter = {
  id: 'markdown',
  title: 'GitHub: step summary, sticky comment and annotations',
  write(input) {
    const marker = commentMarker(input.results[0].profile.name);
    return {
      files: [
        { name: 'summary.md', text: page(input, maxSummaryBytes) },
        { name: 'comment.md', text: `${marker}\n${page(input, maxCommentBytes - marker.length - 1)}` },
        {
          name: 'annotations.txt',
          text: annotationLines(judgementsOf(input))
            .map((line) => `${line}\n`)
            .join(''),
        },
      ],
    };
  },
};
