import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { Progress } from '../phases/gather/sampler-intake.ts';
import { ProgressView } from './progress.ts';
import { cutToWidth, type Terminal } from './terminal.ts';

const GiB = 1024 ** 3;
const now: Progress = {
  tMs: 61_000,
  stage: 'overload',
  stageKind: 'load',
  stageEndMs: 90_000,
  stageNumber: 5,
  stageCount: 10,
  inFlight: 24,
  offeredPerSecond: 2.4,
  achievedPerSecond: 1.2,
  answered: 1200,
  failed: 3,
  timedOut: 0,
  dropped: 17,
  p95Ms: 14_000,
  memory: { usedBytes: 21 * GiB, limitBytes: 23.5 * GiB, etaMs: 125_000 },
};

/** What is written where, with colours as on a real terminal. */
function terminalOf(columns: number, isLive: boolean) {
  const drawn: string[] = [];
  const said: string[] = [];
  const terminal: Terminal = {
    isLive,
    columns,
    color: pc.createColors(true),
    draw: (text) => drawn.push(text),
    out: () => undefined,
    err: (text) => said.push(text),
  };
  return { view: new ProgressView(terminal), drawn, said };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what moves the cursor or colours begins with one.
const escapes = /\u001b\[[\d;]*[A-Za-z]/g;
const rowsOf = (block: string): string[] => block.replaceAll(escapes, '').trimEnd().split('\n');

describe('progress on a terminal', () => {
  it.each([200, 80, 50, 20])('keeps every row within %i columns, so that it is redrawn where it stands', (columns) => {
    const { view, drawn } = terminalOf(columns, true);
    view.show(now);
    const rows = rowsOf(drawn[0] ?? '');
    expect(rows).toHaveLength(4);
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThan(columns);
  });

  it('gives up the bar before the words about memory', () => {
    const { view, drawn } = terminalOf(80, true);
    view.show(now);
    expect(rowsOf(drawn[0] ?? '').at(-1)).toContain('limit in 2 min 05 s at this rate');
  });

  it('leaves a line that is said standing, and draws below it', () => {
    const { view, drawn, said } = terminalOf(80, true);
    view.show(now);
    view.show(now);
    view.say('stopping');
    view.show(now);
    expect(drawn.map((block) => block.startsWith('\u001b[4A'))).toEqual([false, true, false]);
    expect(said).toEqual(['stopping']);
  });
});

describe('progress without a terminal', () => {
  it('is a plain line for each stage and every ten seconds', () => {
    const { view, drawn, said } = terminalOf(80, false);
    view.show(now);
    view.show({ ...now, tMs: now.tMs + 1000 });
    view.show({ ...now, tMs: now.tMs + 10_000 });
    view.show({ ...now, tMs: now.tMs + 11_000, stage: 'drain' });
    expect(said.map((line) => line.split(' ', 2).join(' '))).toEqual(['1:01 overload', '1:11 overload', '1:12 drain']);
    expect(drawn).toEqual([]);
  });
});

describe('cutToWidth', () => {
  it.each([
    ['plain', 3, 'pla'],
    ['\u001b[1mbold\u001b[22m on', 2, '\u001b[1mbo\u001b[22m'],
    ['short', 80, 'short'],
    ['', 5, ''],
    ['anything', 0, ''],
  ])('of %j at %i is %j', (line, columns, cut) => {
    expect(cutToWidth(line, columns)).toBe(cut);
  });
});
