import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engines } from '../../engines/index.ts';

const suite = 'the engine contract, kept by ';
const mostMs = 600_000;

/** What is read of a report of vitest. */
interface TestReport {
  testResults: { assertionResults: { ancestorTitles: string[]; title: string; status: string }[] }[];
}

interface Cell {
  engine: string;
  title: string;
  text: string;
}

/** A title ends with why its case is refused, known to differ or not tried here, in brackets. */
function cellOf(engine: string, title: string, status: string): Cell {
  const [, plain = title, how = null, why = ''] = /^(.*?)(?: \[(refused|differs|skipped): (.*)\])?$/s.exec(title) ?? [];
  const text = {
    keeps: status === 'passed' ? 'keeps' : status === 'failed' ? '**FAILED**' : 'not run',
    refused: status === 'passed' ? `refuses: ${why}` : '**NOT REFUSED**',
    differs: `differs: ${why}`,
    skipped: `not tried here: ${why}`,
  }[how ?? 'keeps'];
  return { engine, title: plain, text: text ?? status };
}

function cellsOf(report: TestReport): Cell[] {
  return report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .flatMap(({ ancestorTitles, title, status }) => {
      const group = ancestorTitles.find((ancestor) => ancestor.startsWith(suite));
      return group === undefined ? [] : [cellOf(group.slice(suite.length), title, status)];
    });
}

/** `2 kept, 1 refused`: by the first word of each cell. */
function sumOf(cells: readonly Cell[]): string {
  const words: [string, string][] = [
    ['keeps', 'kept'],
    ['refuses', 'refused'],
    ['differs', 'different'],
    ['not', 'not tried'],
    ['**', 'BROKEN'],
  ];
  const counts = words.map(
    ([start, word]) => [cells.filter(({ text }) => text.startsWith(start)).length, word] as const,
  );
  return counts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

/** Cases down, engines across, as Markdown; the last row counts. */
export function matrixOf(report: TestReport): string {
  const cells = cellsOf(report);
  const seen = new Set(cells.map(({ engine }) => engine));
  const known = engines.map(({ id }) => id).filter((id) => seen.has(id));
  const columns = [...new Set([...known, ...seen])];
  const titles = [...new Set(cells.map(({ title }) => title))];
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  const rows = titles.map((title) => [
    title,
    ...columns.map(
      (engine) => cells.find((cell) => cell.engine === engine && cell.title === title)?.text ?? 'not tried',
    ),
  ]);
  const sums = columns.map((engine) => sumOf(cells.filter((cell) => cell.engine === engine)));
  const head = [
    ['an engine', ...columns],
    ['---', ...columns.map(() => '---')],
  ];
  return `${[...head, ...rows, [`all ${titles.length}`, ...sums]].map(line).join('\n')}\n`;
}

/** Runs the suite of every engine, from the root of the repository, and prints what became of each case. */
export function matrixText(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-load-matrix-'));
  const path = join(folder, 'report.json');
  try {
    const vitest = 'node_modules/vitest/vitest.mjs';
    // One file at a time: their timings would disturb one another.
    const wanted = ['src/engines', '--testNamePattern', suite.trim(), '--maxWorkers=1'];
    const args = [vitest, 'run', '--config', '.config/vitest.config.ts', ...wanted, '--reporter=json'];
    spawnSync(process.execPath, [...args, `--outputFile=${path}`], { stdio: ['ignore', 2, 2], timeout: mostMs });
    return matrixOf(JSON.parse(readFileSync(path, 'utf8')) as TestReport);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
