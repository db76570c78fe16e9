import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { monotonicClock } from '../../base/clock.ts';
import { heard, order, until } from '../../testing/fake-agent.ts';
import { type LyingAgent, startLyingAgent } from '../../testing/lying-agent.ts';
import { LineCutter, parseLine } from './lines.ts';
import { startAgentSampler } from './sampler.ts';

const sample = { probe: 'p', scope: 'tree', instance: 'tree', metric: 'rss_bytes', value: 1 };
const batch = (seq: number, over: object = {}): string =>
  JSON.stringify({ seq, batch: { tMs: seq, stage: 's', quality: 'ok', samples: [sample], ...over } });
const event = (seq: number, over: object = {}): string =>
  JSON.stringify({ seq, event: { tMs: seq, kind: 'oom_kill', subject: 'x', detail: 'y', ...over } });

describe('a line of an agent', () => {
  it.each<[string, object, string]>([
    ['{"heartbeat":7}', { kind: 'heartbeat' }, 'the link lives'],
    [batch(1), { kind: 'batch', seq: 1, refusedSamples: null }, 'what it is for'],
    [batch(1, { samples: [{ ...sample, value: null }] }), { kind: 'batch' }, 'looked and not there'],
    [event(2), { kind: 'event', seq: 2 }, 'a change'],
    ['{"seq":3,"lost":"exit code 1"}', { kind: 'lost', reason: 'exit code 1' }, 'its sampler ended'],
    ['{"gap":{"firstSeq":9,"batchesBefore":4}}', { kind: 'gap', firstSeq: 9, batchesBefore: 4 }, 'it overflowed'],
  ])('is taken: %s', (line, expected) => {
    expect(parseLine(line)).toMatchObject(expected);
  });

  it.each([
    ['nonsense', /not JSON/, 'not even that'],
    ['7', /not an object/, 'JSON, but no line'],
    ['{}', /heartbeat/, 'nothing in it'],
    [batch(1, { tMs: -1 }), /batch\.tMs/, 'before the session'],
    ['{"seq":1,"batch":{"tMs":1e999,"stage":"","quality":"ok","samples":[]}}', /batch\.tMs/, 'not finite'],
    [batch(1, { quality: 'good' }), /batch\.quality/, 'no word of ours'],
    [batch(1, { extra: 1 }), /unknown key "extra"/, 'an unknown key'],
    [batch(0), /seq/, 'numbers begin at 1'],
    [batch(1, { samples: Array(20_001).fill(0) }), /batch\.samples/, 'too many samples'],
    [event(1, { kind: 'guard_stop' }), /event\.kind/, 'only the harness stops a run'],
    [event(1, { kind: 'run_end' }), /event\.kind/, 'only the harness ends it'],
    ['{"gap":{"firstSeq":1,"batchesBefore":-4}}', /gap\.batchesBefore/, 'fewer than none'],
  ])('is refused with its reason: %.60s', (line, why) => {
    const parsed = parseLine(line);
    expect(parsed.kind === 'refused' ? parsed.why : parsed.kind).toMatch(why);
  });

  it.each<[object | null, RegExp, string]>([
    [{ ...sample, value: 'much' }, /sample 1: value/, 'no number'],
    [{ ...sample, scope: 'disk' }, /sample 1: scope/, 'no scope of ours'],
    [{ ...sample, scope: 'client', instance: 'harness' }, /scope client/, 'the harness is read where it runs'],
    [{ ...sample, instance: 'a\u001b[2J' }, /control character/, 'it would clear a terminal'],
    [{ ...sample, metric: 'a\nb' }, /control character/, 'it would end a line of the table'],
    [{ ...sample, metric: 'm'.repeat(1025) }, /sample 1: metric/, 'too long'],
    [null, /sample 1/, 'nothing'],
  ])('loses a sample that cannot be, and keeps the others: %o', (odd, why) => {
    const parsed = parseLine(batch(1, { samples: [sample, odd, sample] }));
    expect(parsed.kind === 'batch' ? parsed.batch.samples : []).toEqual([sample, sample]);
    expect(parsed.kind === 'batch' ? parsed.refusedSamples : '').toMatch(why);
  });

  it('keeps the text of an event to one line of bounded length', () => {
    const parsed = parseLine(event(1, { detail: `a\r\n\u001b[2Jb${'x'.repeat(5000)}` }));
    const detail = parsed.kind === 'event' ? parsed.event.detail : '';
    expect(detail.startsWith('a [2Jb')).toBe(true);
    expect(detail).toHaveLength(2000);
  });

  it('is cut from the bytes wherever these were parted', () => {
    const text = '{"a":"ä"}\n\n{"b":2}\nrest';
    const parts = fc.array(fc.nat(Buffer.byteLength(text)), { maxLength: 8 });
    fc.assert(
      fc.property(parts, (cuts) => {
        const bytes = Buffer.from(text);
        const cutter = new LineCutter();
        const bounds = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const lines = bounds.slice(1).flatMap((end, index) => cutter.take(bytes.subarray(bounds[index], end)));
        expect(lines).toEqual(['{"a":"ä"}', '', '{"b":2}']);
      }),
    );
  });

  it('of over 4 MiB is not kept, and the next one is read', () => {
    const cutter = new LineCutter();
    const megabyte = Buffer.alloc(1024 ** 2, 120);
    const lines = [1, 2, 3, 4, 5, 6].flatMap(() => cutter.take(megabyte));
    expect([...lines, ...cutter.take(Buffer.from('x\nok\n'))]).toEqual([null, 'ok']);
  });
});

describe('an agent that lies', () => {
  const agents: LyingAgent[] = [];
  afterEach(() => {
    for (const agent of agents.splice(0)) {
      agent.close();
    }
  });

  async function follow(lines: readonly string[]): Promise<ReturnType<typeof heard>> {
    const agent = await startLyingAgent(lines);
    agents.push(agent);
    const said = heard();
    const clock = monotonicClock();
    const address = { url: agent.url, token: null, ca: null };
    const sampler = await startAgentSampler({ agent: address, clock, order, stopWithinMs: 1000 }, said);
    await until(() => said.events.length > 0 || said.lost.length > 0);
    await sampler.stop();
    return said;
  }

  it.each([
    [[batch(1, { tMs: 5 }), batch(2, { tMs: 4 }), batch(3, { tMs: 6 })], /time 4 ms after 5 ms/, 2, 'time ran back'],
    [[batch(1), batch(2, { tMs: 9e9 }), batch(3)], /has not come yet/, 2, 'it knows the future'],
    [[batch(1), batch(1), batch(2)], /line 1 after line 1/, 2, 'it says all twice'],
    [[batch(1), batch(5), batch(6)], /line 5 after line 1/, 3, 'it leaves lines out'],
    [[batch(1), 'x', batch(2)], /not JSON/, 2, 'it stammers'],
    [
      [batch(1), '{"gap":{"firstSeq":90,"batchesBefore":9000}}', batch(2)],
      /a gap that cannot be/,
      2,
      'it invents a gap',
    ],
    [[batch(1), batch(2, { samples: [7] }), batch(3)], /left out what the agent sampled: sample 0/, 3, 'no sample'],
    [
      Array.from({ length: 150 }, (_, index) => batch(index + 1, { tMs: 5 })),
      /over 100 batches per second/,
      100,
      'it floods us',
    ],
  ])('is told once for what it was, and the run goes on: %#', async (lines, what, batches) => {
    const said = await follow(lines);
    expect(said.events[0]).toMatchObject({ kind: 'gap', subject: 'agent' });
    expect(said.events[0]?.detail).toMatch(what);
    expect(said.events.length).toBeLessThanOrEqual(2);
    expect(said.batches).toHaveLength(batches);
    expect(said.lost).toEqual([]);
  });

  it('is given up after a thousand lies', async () => {
    const said = await follow(Array.from({ length: 1200 }, () => 'x'));
    expect(said.lost).toEqual(['the agent sent 1000 lines that cannot be, such as: a line is not JSON']);
    expect(said.events).toHaveLength(2);
  });

  it.each<[{ clock?: unknown; opened?: unknown }, string, string]>([
    [{ clock: { monotonicNs: 'noon' } }, 'AGENT_UNREACHABLE', 'a clock that is none'],
    [{ opened: { session: '../x', epochNs: '1', view: {} } }, 'AGENT_UNREACHABLE', 'a session that is none'],
  ])('is no agent with %o', async (options, code) => {
    const agent = await startLyingAgent([], options);
    agents.push(agent);
    const address = { url: agent.url, token: null, ca: null };
    await expect(startAgentSampler({ agent: address, clock: monotonicClock(), order }, heard())).rejects.toMatchObject({
      code,
    });
  });
});
