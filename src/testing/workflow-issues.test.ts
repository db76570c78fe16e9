import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GateDecision, GateRow } from '../model/gate.ts';
import { damaged } from './damaged.ts';
import { sampleDecision } from './sample-decision.ts';

const script = fileURLToPath(new URL('../../.ci/issues.js', import.meta.url));
let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-issues-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** Writes each call and what it got on stdin down, and answers `issue list` with what is open. */
const fakeGh = String.raw`#!/bin/sh
{
  printf '%s\037' "$@"
  printf '\036'
  case $* in *'--body-file -'*) cat ;; esac
  printf '\035'
} >>"$CALLS"
[ "$2" != list ] || printf '%s' "$OPEN"
`;

interface Call {
  argv: string[];
  input: string;
}

async function night(decisions: readonly GateDecision[], open: readonly { number: number; body: string }[] = []) {
  const folder = join(scratch, 'night');
  rmSync(folder, { recursive: true, force: true });
  decisions.forEach((decision, index) => {
    mkdirSync(join(folder, `p${index}`), { recursive: true });
    writeFileSync(join(folder, `p${index}`, 'decision.json'), JSON.stringify(decision));
  });
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(scratch, 'bin'), { recursive: true });
  writeFileSync(join(scratch, 'bin', 'gh'), fakeGh);
  chmodSync(join(scratch, 'bin', 'gh'), 0o755);
  const calls = join(scratch, 'calls.txt');
  rmSync(calls, { force: true });
  const { exitCode } = await execa('node', [script, folder], {
    reject: false,
    env: { PATH: `${join(scratch, 'bin')}:${process.env['PATH'] ?? ''}`, CALLS: calls, OPEN: JSON.stringify(open) },
  });
  const written = existsSync(calls) ? readFileSync(calls, 'utf8').split('\u001d').slice(0, -1) : [];
  const all = written.map((call): Call => {
    const [argv = '', input = ''] = call.split('\u001e');
    return { argv: argv.split('\u001f'), input };
  });
  const of = (action: string) => all.filter(({ argv }) => argv[0] === 'issue' && argv[1] === action);
  return { exitCode, created: of('create'), commented: of('comment'), closed: of('close') };
}

function decision(rows: readonly Partial<GateRow>[], over: Partial<GateDecision> = {}): GateDecision {
  const sample = sampleDecision();
  const [first] = sample.rows;
  if (first === undefined) {
    throw new Error('the sample has a row');
  }
  return { ...sample, series: 'smoke-1', profile: 'smoke', ...over, rows: rows.map((row) => ({ ...first, ...row })) };
}

const peak = { layer: 'relative', rule: 'relative-history', metric: 'peak-memory', identity: 'abc' } as const;
const failing = decision([{ ...peak, state: 'fail', sentence: 'It grew.' }]);

const marked = (json: string): string => `<!-- headroom-regression ${json} -->`;

async function openedBy(first: GateDecision): Promise<{ number: number; body: string }[]> {
  const { created } = await night([first]);
  return created.map(({ input }, index) => ({ number: index + 1, body: input }));
}

describe('.ci/issues.js', () => {
  it('opens one issue for all rules that see the same shift', async () => {
    const twice = decision([
      { ...peak, state: 'fail', sentence: 'Beyond the history.' },
      { ...peak, rule: 'relative-reference', state: 'fail', sentence: 'Beyond the reference.' },
    ]);
    const { created } = await night([twice]);
    expect(created).toHaveLength(1);
    expect(created[0]?.argv.join(' ')).toContain('smoke: peak-memory fails the gate');
    expect(created[0]?.input).toContain('Beyond the history.\nBeyond the reference.');
    expect(created[0]?.input).toContain('bench history accept');
  });

  it('tells the same issue that it goes on, and opens no second one', async () => {
    const open = await openedBy(failing);
    const { created, commented, closed } = await night([failing], open);
    expect([created.length, commented.length, closed.length]).toEqual([0, 1, 0]);
    expect(commented[0]?.argv).toContain('1');
  });

  it('gives an invariant, which no history names, the same identity every night', async () => {
    const killed = decision([{ layer: 'invariant', rule: 'oom-kill', state: 'fail', sentence: 'Killed.' }]);
    const open = await openedBy(killed);
    expect((await night([{ ...killed, sessionId: 'next' }], open)).commented).toHaveLength(1);
  });

  it.each([
    { next: decision([{ ...peak, state: 'pass' }]), closes: 1, why: 'it passes' },
    { next: decision([{ ...peak, state: 'warn' }]), closes: 0, why: 'a warning is not well yet' },
    { next: decision([{ ...peak, state: 'calibrating' }]), closes: 0, why: 'nothing was compared' },
    { next: decision([], { state: 'invalid' }), closes: 0, why: 'an invalid night says nothing' },
    { next: decision([]), closes: 0, why: 'it was not measured' },
    { next: decision([{ ...peak, state: 'pass' }], { series: 'smoke-2' }), closes: 0, why: 'another series' },
  ])('closes $closes: $why', async ({ next, closes }) => {
    const { closed } = await night([next], await openedBy(failing));
    expect(closed).toHaveLength(closes);
  });

  it('closes the issue of a finding once the night has no such finding', async () => {
    const found = decision([{ layer: 'absolute', rule: 'finding:low-headroom', state: 'fail' }]);
    expect((await night([decision([])], await openedBy(found))).closed).toHaveLength(1);
  });

  it('leaves issues of people alone, whatever label they carry', async () => {
    const { closed, commented } = await night([decision([])], [{ number: 9, body: 'peak-memory is high <!-- hm -->' }]);
    expect([closed.length, commented.length]).toEqual([0, 0]);
  });

  it('comes to its end whatever people made of its mark in their issues', async () => {
    const [mine] = await openedBy(failing);
    const marks = fc.sample(fc.oneof(damaged(mine?.body ?? ''), fc.json().map(marked)), { numRuns: 120, seed: 7 });
    const bodies = [...marks, marked('null'), marked('5'), marked('{"series":"smoke-1"}'), marked('{"identity":1}')];
    const { exitCode } = await night(
      [decision([{ ...peak, state: 'pass' }])],
      bodies.map((body, number) => ({ number, body })),
    );
    expect(exitCode).toBe(0);
  });

  it('quotes what the server said in a fence, where it names nobody and ends no comment', async () => {
    const nasty = decision([{ ...peak, stage: 'a --> b', state: 'fail', sentence: '``` @all <img> --> ' }]);
    const { created } = await night([nasty]);
    const body = created[0]?.input ?? '';
    expect(body.split('\n')[0]).toMatch(/^<!-- headroom-regression \{[^>]*\} -->$/);
    expect(body).toContain("```text\n''' @all <img> --> ");
  });

  it('keeps a title on one line, so that no label of a server begins a command of the workflow', async () => {
    const nasty = decision([{ ...peak, instance: 'gpu\n::error::pwned\r\u001b[2J', state: 'fail' }]);
    const { created } = await night([nasty]);
    expect(created[0]?.argv.join(' ')).toContain('gpu ::error::pwned [2J: peak-memory fails the gate');
  });

  it('opens ten at most in a night in which everything breaks', async () => {
    const rows = Array.from({ length: 14 }, (_, index) => ({ ...peak, identity: `i${index}`, state: 'fail' as const }));
    expect((await night([decision(rows)])).created).toHaveLength(10);
  });

  it('says where there is no night, exit 2', async () => {
    const { exitCode } = await execa('node', [script, join(scratch, 'none')], { reject: false });
    expect(exitCode).toBe(2);
  });
});
