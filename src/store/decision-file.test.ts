import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleDecision } from '../testing/sample-decision.ts';
import { decisionFile, keptDecisions, readDecision, writeDecision } from './decision-file.ts';

describe('the decisions of the gate', () => {
  let scratch: string;

  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'headroom-decisions-'));
  });

  afterEach(() => {
    rmSync(scratch, { recursive: true, force: true });
  });

  it('are read as they were written, by session and by run', () => {
    const decision = sampleDecision();
    const path = writeDecision(scratch, decision);
    expect(readDecision(path)).toEqual(decision);
    expect([...keptDecisions(scratch, () => undefined).keys()]).toEqual(expect.arrayContaining([...decision.runIds]));
  });

  it('are refused where their session would name a file elsewhere', () => {
    const path = decisionFile(scratch, 'a-session');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify({ ...sampleDecision(), sessionId: '../../up' }));
    expect(() => readDecision(path)).toThrow(expect.objectContaining({ code: 'RESULT_UNREADABLE' }));
    const told: string[] = [];
    expect(keptDecisions(scratch, (sentence) => told.push(sentence)).size).toBe(0);
    expect(told).toEqual([`${path} is no decision of the gate.`]);
  });
});
