import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../model/manifest.ts';
import type { RequestRecord } from '../../model/record.ts';
import type { RunFolder } from '../../store/run-folder.ts';
import { event, profile, record } from '../../testing/build.ts';
import { type RunContent, removeScratch, scratchFolder, writeRun, writeSealedRun } from '../../testing/run-folder.ts';
import { shippedProtocol } from '../shipped-protocol.ts';
import type { RuleAnswer } from './verify-faults.ts';
import { verifyRun } from './verify-run.ts';

afterEach(removeScratch);

async function answers(content: RunContent = {}, change: (folder: RunFolder) => void = () => undefined) {
  const folder = await writeSealedRun(scratchFolder(), content);
  change(folder);
  return await verifyRun(folder, []);
}

const brokenOf = (rules: readonly RuleAnswer[]): string[] =>
  rules
    .filter(({ state }) => state === 'broken')
    .flatMap(({ clause, sentences }) => sentences.map((sentence) => `${clause} ${sentence}`));

function replaceIn(path: string, from: string | RegExp, to: string): void {
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
}

describe('a run as it was sealed', () => {
  it('breaks no rule, and every answer cites its clause', async () => {
    const { isSound, rules } = await answers();
    expect(brokenOf(rules)).toEqual([]);
    expect(isSound).toBe(true);
    expect(rules.every(({ clause }) => /^\d+\.\d+$/.test(clause))).toBe(true);
  });

  it('may hold hostile texts of a server', async () => {
    const errorCode = `=cmd|' /C calc'!A0 <script>\u0000\u001b[31m\r\n${'x'.repeat(1_000_000)}`;
    const { rules } = await answers({ records: [record(0, { outcome: 'http_error', status: 500, errorCode })] });
    expect(brokenOf(rules)).toEqual([]);
  });

  it('is sound though a wall clock went back, and says so', async () => {
    const { isSound, rules } = await answers({ manifest: { endedAt: '2025-12-31T23:00:00.000Z' } });
    expect(isSound).toBe(true);
    expect(rules.find(({ state }) => state === 'noted')).toMatchObject({
      clause: '6.2',
      sentences: [expect.stringContaining('The wall clock stepped back by')],
    });
  });
});

describe('the text of the rules that a run was made under', () => {
  const shipped = shippedProtocol();

  it.each([
    { why: 'it is the same text', protocol: shipped, state: 'holds', says: [] },
    {
      why: 'it is another one, which is no fault',
      protocol: { version: '0.9', sha256: 'e'.repeat(64) },
      state: 'noted',
      says: [expect.stringContaining('0.9 (eeeeeeeeeeee), and this is ')],
    },
    {
      why: 'an older run does not name it',
      protocol: null,
      state: 'not-checked',
      says: ['The manifest names no text of the rules.'],
    },
  ])('answers $state: $why', async ({ protocol, state, says }) => {
    const { isSound, rules } = await answers({ manifest: { protocol } });
    expect(isSound).toBe(true);
    expect(rules.find(({ clause }) => clause === '13.2')).toMatchObject({ state, sentences: says });
  });
});

describe('a file that is not as it was', () => {
  it.each([
    {
      why: 'a changed byte of a table',
      change: (folder: RunFolder) => replaceIn(folder.requests, '200,ok', '201,ok'),
      found: '8.3 changed: requests.csv',
    },
    {
      why: 'a missing table',
      change: (folder: RunFolder) => rmSync(folder.samples),
      found: '8.1 missing: samples.csv.',
    },
    {
      why: 'an added file',
      change: (folder: RunFolder) => writeFileSync(join(folder.logs, 'late.log'), 'x'),
      found: '8.3 added: logs/late.log',
    },
    {
      why: 'a torn last line',
      change: (folder: RunFolder) => appendFileSync(folder.events, '1,run'),
      found: '8.7 events.csv ends in a torn line of 5 bytes.',
    },
    {
      why: 'a word for a number',
      change: (folder: RunFolder) => replaceIn(folder.requests, ',30500,', ',soon,'),
      found: '8.7 requests.csv row 1: end_ms is no number: "soon".',
    },
    {
      why: 'NaN for a missing value',
      change: (folder: RunFolder) => replaceIn(folder.samples, '1024', 'NaN'),
      found: '8.7 samples.csv row 1: value is no number: "NaN".',
    },
    {
      why: 'an outcome of no kind',
      change: (folder: RunFolder) => replaceIn(folder.requests, ',ok,', ',fine,'),
      found: /^8\.7 requests\.csv row 1: outcome is none of ok, http_error/,
    },
    {
      why: 'a mandatory field is gone from the manifest',
      change: (folder: RunFolder) => replaceIn(folder.manifest, '"hostClass"', '"hostKlass"'),
      found: /^8\.6 manifest\.json: hostClass: /,
    },
    {
      why: 'a result of other files',
      change: (folder: RunFolder) => replaceIn(folder.result, /"events\.csv":"./, '"events.csv":"0'),
      found: '8.3 result.json was made from another events.csv. Make it anew: bench analyze RUN.',
    },
    {
      why: 'a result that is no JSON',
      change: (folder: RunFolder) => writeFileSync(folder.result, '{'),
      found: /^8\.6 .*result\.json cannot be read as JSON\.$/,
    },
    {
      why: 'no result',
      change: (folder: RunFolder) => rmSync(folder.result),
      found: '8.1 missing: result.json. Make it: bench analyze a-run.',
    },
    {
      why: 'a verdict that its findings do not give',
      change: (folder: RunFolder) =>
        replaceIn(folder.result, '"verdict":"ok","findings"', '"verdict":"warn","findings"'),
      found: '7.2 result.json says warn, its findings give ok.',
    },
    {
      why: 'another profile',
      change: (folder: RunFolder) => replaceIn(folder.profile, 'seed: 7', 'seed: 8'),
      found: '8.1 profile.resolved.yaml and manifest.json hold two different profiles.',
    },
  ])('is told with its clause: $why', async ({ change, found }) => {
    const { isSound, rules } = await answers({}, change);
    expect(isSound).toBe(false);
    expect(brokenOf(rules)).toContainEqual(expect.stringMatching(found));
  });
});

const at = (seq: number, over: Partial<RequestRecord>): RequestRecord => record(seq, { plannedMs: 30_000, ...over });

describe('rows that cannot have been', () => {
  it.each([
    {
      why: 'the same request twice',
      records: [at(1, {}), at(1, {})],
      found: '5.1 requests.csv row 2: request 1 is there twice.',
    },
    {
      why: 'an answer before its start',
      records: [at(1, { firstByteMs: 20_000 })],
      found: '5.2 requests.csv row 1: first_byte_ms 20000 is before start_ms 30001.',
    },
    {
      why: 'a body that left after the end',
      records: [at(1, { bodySentMs: 99_000 })],
      found: '5.2 requests.csv row 1: body_sent_ms 99000 is not between start and end.',
    },
    {
      why: 'ok without an end',
      records: [at(1, { endMs: null })],
      found: '5.1 requests.csv row 1: ok without end_ms.',
    },
    {
      why: 'ok with a status that is none',
      records: [at(1, { status: 503 })],
      found: '5.1 requests.csv row 1: ok with status 503.',
    },
    {
      why: 'dropped, but started',
      records: [at(1, { outcome: 'dropped' })],
      found: '5.1 requests.csv row 1: dropped with start_ms.',
    },
    {
      why: 'a retry of nobody',
      records: [at(1, { attempt: 2, retryOf: 7 })],
      found: '3.5 requests.csv row 1: its first attempt 7 is not there.',
    },
    {
      why: 'load in a silent stage',
      records: [at(1, { stage: 'after' })],
      found: '3.1 requests.csv row 1: stage "after" of the profile sends nothing.',
    },
  ])('break a rule: $why', async ({ records, found }) => {
    const { rules } = await answers({ records });
    expect(brokenOf(rules)).toContain(found);
  });

  it('are told three of a kind, and counted', async () => {
    const { rules } = await answers({ records: Array.from({ length: 9 }, (_, seq) => at(seq, { status: 503 })) });
    expect(brokenOf(rules)).toContain('5.1 and 6 more of the kind');
  });

  it.each([
    {
      why: 'fewer rows than were planned',
      content: { manifest: { measured: measuredOf(4) } },
      found: '5.1 requests.csv has 3 rows for 4 planned requests.',
    },
    {
      why: 'a value without its mark',
      content: { samples: [[0, 'base', 'x', 'host', 'host', 'm', null, 'ok']] },
      found: '1.6 samples.csv row 1: value "" has the quality ok.',
    },
    {
      why: 'a sample from before the last one',
      content: {
        samples: [
          [9, 'base', 'x', 'host', 'host', 'm', 1, 'ok'],
          [8, 'base', 'x', 'host', 'host', 'm', 1, 'ok'],
        ],
      },
      found: '4.1 samples.csv row 2: m at 8 comes after 9.',
    },
    {
      why: 'a run without its end',
      content: { events: [event(0, 'run_start')] },
      found: '8.5 events.csv has 0 run_end.',
    },
    {
      why: 'a kill without evidence',
      content: { events: [event(0, 'run_start'), event(1, 'oom_kill'), event(2, 'run_end')] },
      found: '4.8 events.csv row 2: oom_kill without its evidence.',
    },
    {
      why: 'a header that was kept',
      content: { manifest: { argv: ['run', 'x', '--header', 'X-Key: abc'] } },
      found: '8.4 manifest.json: argv holds the value of --header.',
    },
    {
      why: 'credentials in a URL',
      content: { manifest: { argv: ['run', 'x', '--target', 'http://me:secret@box/'] } },
      found: '8.4 manifest.json: a URL holds credentials.',
    },
    {
      why: 'a hash of another profile',
      content: { manifest: { profileHash: 'd'.repeat(64), profile: profile() } },
      found: /^3\.4 profileHash is dddddddddddd, the profile gives [0-9a-f]{12}\.$/,
    },
  ] as { why: string; content: RunContent; found: string | RegExp }[])(
    'break a rule: $why',
    async ({ content, found }) => {
      const { rules } = await answers(content);
      expect(brokenOf(rules)).toContainEqual(expect.stringMatching(typeof found === 'string' ? escaped(found) : found));
    },
  );
});

function escaped(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}

function measuredOf(planned: number): NonNullable<Manifest['measured']> {
  return {
    endMs: 150_000,
    planned,
    expectedSamples: 150,
    missedSamples: 0,
    samplerCostMs: null,
    clock: null,
    cpuSeconds: 1,
    samplerCpuSeconds: 1,
  };
}

describe('a run that was not closed', () => {
  it.each([
    { status: 'aborted', when: 'its end' },
    { status: 'completed', when: 'its seal' },
  ] as const)('and is $status was killed before $when, and stays as it was recovered', async ({ status, when }) => {
    const content = { manifest: { status, measured: measuredOf(0) } };
    const { rules } = await answers(content, ({ seal }) => rmSync(seal));
    expect(brokenOf(rules)).toContain(
      `8.3 The run is not sealed: it was killed before ${when}. What was recovered stays so.`,
    );
  });

  it('is not sealed, and still running', async () => {
    const folder = writeRun(scratchFolder(), { manifest: { status: 'running', endedAt: null, measured: null } });
    const { rules } = await verifyRun(folder, []);
    expect(brokenOf(rules)).toEqual([
      '8.3 The run is not sealed: it was killed before its end. Make it readable: bench recover a-run.',
      '8.1 missing: result.json. Make it: bench analyze a-run.',
      '8.5 The status is still running: its harness was killed, or it goes on.',
    ]);
  });
});
