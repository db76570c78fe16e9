import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

/** A title ends with why its case was refused or skipped, in brackets. */
function cellOf(engine: string, title: string, status: string): Cell {
  const [, plain = title, how = null, why = ''] = /^(.*?)(?: \[(refused|skipped): (.*)\])?$/s.exec(title) ?? [];
  const text = {
    kept: status === 'passed' ? 'kept' : status === 'failed' ? '**FAILED**' : 'not run',
    refused: status === 'passed' ? `refused: ${why}` : '**not refused**',
    skipped: `skipped: ${why}`,
  }[how ?? 'kept'];
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

/** Cases down, engines across, as Markdown. */
export function matrixOf(report: TestReport): string {
  const cells = cellsOf(report);
  const engines = [...new Set(cells.map(({ engine }) => engine))].toSorted();
  const titles = [...new Set(cells.map(({ title }) => title))];
  const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
  const rows = titles.map((title) => [
    title,
    ...engines.map(
      (engine) => cells.find((cell) => cell.engine === engine && cell.title === title)?.text ?? 'not tried',
    ),
  ]);
  return `${[line(['an engine', ...engines]), line(['---', ...engines.map(() => '---')]), ...rows.map(line)].join('\n')}\n`;
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
