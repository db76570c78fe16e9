import { escapeHtml } from '../base/escape-html.ts';
import { formatBytes, formatClock, formatDuration, formatShare } from '../base/units.ts';
import type { Finding } from '../model/detector.ts';
import type { RunResult } from '../model/result.ts';
import type { Block, ReportSection } from '../model/section.ts';
import { withCode } from './wording/code.ts';
import { eachRun } from './wording/each-run.ts';
import { upperFirst, worstFirst } from './wording/sentences.ts';

const chips: Readonly<Record<Finding['verdict'], string>> = {
  fail: '✕ fail',
  warn: '! warn',
  inconclusive: '? inconclusive',
  ok: '✓ ok',
  'not-applicable': '– not applicable',
};

function figure(value: number): string {
  return Number.isInteger(value) ? value.toString() : value.toPrecision(3).replace(/\.?0+$/, '');
}

/** A number with the unit that its detector or its name gives. */
function measured(value: number, unit: string): string {
  if (/^bytes?$/i.test(unit)) {
    return formatBytes(value);
  }
  if (/^(ms|milliseconds?)$/i.test(unit)) {
    return formatDuration(value);
  }
  if (/^(bytes\/s|bytesPerS(econd)?)$/i.test(unit)) {
    return `${formatBytes(value)}/s`;
  }
  if (/^bytes per /.test(unit)) {
    return `${formatBytes(value)}${unit.slice('bytes'.length)}`;
  }
  return /^(ratio|share)$/i.test(unit) ? formatShare(value) : `${figure(value)}${unit === '' ? '' : ` ${unit}`}`;
}

const unitOfName = /(BytesPerS(?:econd)?|Bytes|Ms|Ratio|Share)$/;

function evidence(finding: Finding): readonly string[] {
  return Object.entries(finding.evidence).flatMap(([name, value]) => {
    if (value === null) {
      return [];
    }
    const unit = unitOfName.exec(name)?.[1] ?? '';
    const words = name
      .slice(0, name.length - unit.length)
      .replace(/([a-z\d])([A-Z])/g, '$1 $2')
      .toLowerCase();
    const text = typeof value === 'number' ? measured(value, unit) : value;
    return [`${name === 'holder' ? 'held by' : words || name}: ${text}`];
  });
}

function against(finding: Finding): readonly string[] {
  const { value, threshold, unit, stage, startedMs } = finding;
  return [
    ...(value === null ? [] : [`measured ${measured(value, unit)}`]),
    // A threshold without a value that it was held against reads like a value.
    ...(value === null || threshold === null ? [] : [`threshold ${measured(threshold, unit)}`]),
    ...(stage === null ? [] : [`in stage ${stage}`]),
    ...(startedMs === null ? [] : [`from ${formatClock(startedMs)}`]),
  ];
}

const doesNotCount = 'does not count: the run is invalid';

function article(finding: Finding, isInvalid: boolean): string {
  const numbers = [...against(finding), ...evidence(finding)];
  const isQuiet = finding.verdict === 'ok' || finding.verdict === 'not-applicable';
  const act = isQuiet || finding.remedy === '' ? '' : `<p class="do"><b>Do:</b> ${withCode(finding.remedy)}</p>`;
  return [
    `<article class="finding ${isInvalid ? 'inconclusive' : finding.verdict}">`,
    `<p class="mark"><span class="chip">${chips[finding.verdict]}</span> <code>${escapeHtml(finding.detector)}</code>${isInvalid && finding.verdict !== 'not-applicable' ? ` ${doesNotCount}` : ''}</p>`,
    `<h3>${escapeHtml(finding.title)}</h3>`,
    // Who comes to the page at night wants to know what to do; why follows.
    act,
    finding.summary === '' ? '' : `<p>${withCode(finding.summary)}</p>`,
    numbers.length === 0 ? '' : `<p class="numbers">${escapeHtml(upperFirst(numbers.join(' · ')))}</p>`,
    '</article>',
  ].join('');
}

function countOf(findings: readonly Finding[], verdict: Finding['verdict']): number {
  return findings.filter((finding) => finding.verdict === verdict).length;
}

function folded(label: string, articles: readonly string[]): string {
  return articles.length === 0 ? '' : `<details><summary>${label}</summary>${articles.join('')}</details>`;
}

function findingsOf(result: RunResult): readonly Block[] {
  const sorted = worstFirst(result.findings);
  if (sorted.length === 0) {
    return [{ type: 'paragraph', text: 'No detector judged this run.' }];
  }
  const isInvalid = result.validity.state === 'invalid';
  const articles = (shown: readonly Finding[]): readonly string[] => shown.map((one) => article(one, isInvalid));
  const quiet = sorted.filter(({ verdict }) => verdict === 'ok' || verdict === 'not-applicable');
  const hasFound = sorted.some(({ verdict }) => verdict === 'fail' || verdict === 'warn');
  // What came to no answer and no number must not stand between a failure and its reader.
  const unsure = sorted.filter(({ verdict, value }) => hasFound && verdict === 'inconclusive' && value === null);
  const loud = sorted.filter((finding) => !quiet.includes(finding) && !unsure.includes(finding));
  const healthy = countOf(quiet, 'ok');
  const absent = countOf(quiet, 'not-applicable');
  const label = [
    ...(healthy === 0 ? [] : [`${healthy} ${healthy === 1 ? 'detector' : 'detectors'} found nothing`]),
    ...(absent === 0 ? [] : [`${absent} did not apply`]),
  ].join(', ');
  const noAnswer = `${unsure.length} ${unsure.length === 1 ? 'detector' : 'detectors'} came to no answer`;
  const none = loud.length === 0 ? '<p>No detector found a failure.</p>' : '';
  const html = [none, ...articles(loud), folded(noAnswer, articles(unsure)), folded(label, articles(quiet))].join('');
  return [{ type: 'html', html: `<div class="findings">${html}</div>` }];
}

export const findings: ReportSection = {
  id: 'findings',
  title: 'Findings',
  render: (results) => eachRun(results, findingsOf),
};
