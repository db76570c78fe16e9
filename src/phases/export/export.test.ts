import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Exporter, ExportInput } from '../../model/exporter.ts';
import type { RunResult } from '../../model/result.ts';
import { appendHistory, historyFile } from '../../store/history.ts';
import { manifest } from '../../testing/build-manifest.ts';
import { pastNight, soundResult, testedSeries } from '../../testing/gate-nights.ts';
import { sampleDecision } from '../../testing/sample-decision.ts';
import { exportSession, writeExport } from './export.ts';
import { type ExportPlaces, readExportInput } from './input.ts';

const runId = '20260109T000000Z_nightly_0000000_0001';
let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-export-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

function keep(over: Partial<RunResult> = {}): RunResult {
  const session = { id: 'night-8', repeat: 1, of: 1, purpose: 'nightly' as const };
  const result = soundResult({ runId, startedAt: '2026-01-09T00:00:00Z', session, ...over });
  const folder = join(scratch, result.runId);
  mkdirSync(folder);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest()));
  writeFileSync(join(folder, 'result.json'), JSON.stringify(result));
  return result;
}
function keepDecision(path: string, over: object = {}): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, JSON.stringify({ ...sampleDecision(), series: testedSeries, runIds: [runId], ...over }));
  return path;
}
const usualDecision = (): string => join(scratch, 'history', 'decisions', 'night-8.json');
const read = (over: Partial<ExportPlaces> = {}): ExportInput =>
  readExportInput({ runs: [runId], outFolder: scratch, decisionFile: null, historyFile: null, ...over });

describe('what an exporter gets', () => {
  it('is the runs alone where the gate was not asked and nothing came before', () => {
    keep();
    expect(read()).toMatchObject({ results: [{ runId }], decision: null, history: [] });
  });

  it('is with what the profile asked of each stage that has a load', () => {
    keep();
    expect([...read().loads]).toEqual(
      manifest().profile.stages.flatMap(({ name, load }) => (load === null ? [] : [[name, load]])),
    );
    expect(read().loads.size).toBeGreaterThan(0);
  });

  it('is with the decision of the session and the nights before it, oldest first, each once', () => {
    keep();
    keepDecision(usualDecision());
    appendHistory(historyFile(scratch, testedSeries), [
      pastNight(2, 100),
      pastNight(1, 100),
      pastNight(2, 200),
      pastNight(8, 300, { sessionId: 'night-8' }),
      pastNight(20, 400),
      pastNight(3, 500, { series: 'other' }),
    ]);
    const input = read();
    expect(input.decision?.state).toBe('fail');
    expect(input.history.map(({ sessionId, metrics }) => [sessionId, metrics[0]?.median])).toEqual([
      ['night-1', 100],
      ['night-2', 200],
    ]);
  });

  it('takes a decision and a history from elsewhere', () => {
    keep();
    const historyPath = join(scratch, 'elsewhere.jsonl');
    appendHistory(historyPath, [pastNight(1, 100)]);
    const input = read({ decisionFile: keepDecision(join(scratch, 'd.json')), historyFile: historyPath });
    expect(input.history).toHaveLength(1);
    expect(input.decision?.runIds).toEqual([runId]);
  });

  it.each([
    { why: 'of other runs', text: { runIds: ['another'] }, says: 'judges other runs' },
    { why: 'of a later major version', text: { schemaVersion: '9.0' }, says: 'has schema 9.0' },
    { why: 'without rows', text: { rows: null }, says: 'is no decision' },
    { why: 'of no known state', text: { state: 'green' }, says: 'is no decision' },
  ])('refuses a decision $why', ({ text, says }) => {
    keep();
    keepDecision(usualDecision(), text);
    expect(() => read()).toThrow(says);
  });

  it.each([
    { why: 'is not there', text: null, says: 'cannot be read' },
    { why: 'is no JSON', text: '{', says: 'is no JSON' },
    { why: 'is null', text: 'null', says: 'is no decision' },
  ])('refuses a decision that $why', ({ text, says }) => {
    keep();
    const path = join(scratch, 'd.json');
    if (text !== null) {
      writeFileSync(path, text);
    }
    expect(() => read({ decisionFile: path })).toThrow(says);
  });

  it('refuses a run of an older schema, and says what to do', () => {
    keep();
    writeFileSync(join(scratch, runId, 'manifest.json'), '{"schemaVersion":"0.1"}');
    expect(() => read()).toThrow('has schema 0.1');
  });

  it('refuses runs of two profiles, no run, and a history that is not there', () => {
    const first = keep();
    keep({ runId: 'other', profile: { ...first.profile, hash: 'f'.repeat(64) } });
    expect(() => read({ runs: [runId, 'other'] })).toThrow('their profiles differ');
    expect(() => read({ runs: [] })).toThrow('No run is named');
    expect(() => read({ historyFile: join(scratch, 'none.jsonl') })).toThrow('There is no history');
  });
});

describe('an export', () => {
  const places = (): ExportPlaces => ({ runs: [runId], outFolder: scratch, decisionFile: null, historyFile: null });
  const told: Exporter = {
    id: 'told',
    title: '',
    write: ({ results }) => ({ files: [{ name: 'a', text: results[0].runId }] }),
  };
  const mute: Exporter = { id: 'mute', title: '', write: () => ({ unexportable: 'nothing was measured' }) };

  it('is written into a folder that is made for it', () => {
    keep();
    const folder = join(scratch, 'made', 'here');
    const paths = writeExport(folder, exportSession(places(), told));
    expect(paths).toEqual([join(folder, 'a')]);
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe(runId);
  });

  it('tells why a session cannot be told in a format', () => {
    keep();
    expect(() => exportSession(places(), mute)).toThrow('in the form mute: nothing was measured.');
  });

  it('says which folder cannot be written', () => {
    const file = join(scratch, 'file');
    writeFileSync(file, '');
    expect(() => writeExport(join(file, 'x'), [{ name: 'a', text: '' }])).toThrow('cannot be written');
  });
});
