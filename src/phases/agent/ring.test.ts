import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentRing, type RingKind } from './ring.ts';

const kilobyte = 'x'.repeat(1000);

describe('the ring of an agent', () => {
  it('numbers its lines from 1 on and gives each by its number', () => {
    const ring = new AgentRing(1e6);
    ring.push('batch', { tMs: 0 });
    ring.push('event', { tMs: 1 });
    expect(ring.lastSeq).toBe(2);
    expect(ring.at(2)?.line.toString()).toBe('{"seq":2,"event":{"tMs":1}}\n');
    expect([ring.at(0), ring.at(3)]).toEqual([null, null]);
  });

  it('lets the oldest go when it is full, and tells how many batches went', () => {
    const ring = new AgentRing(5000);
    for (const kind of ['batch', 'event', 'batch', 'batch', 'batch', 'batch', 'batch'] satisfies RingKind[]) {
      ring.push(kind, kilobyte);
    }
    expect(ring.bytes).toBeLessThanOrEqual(5000);
    expect(ring.firstHeld).toEqual({ seq: 4, batchesBefore: 2 });
    expect(ring.at(3)).toBeNull();
    expect(ring.at(4)?.seq).toBe(4);
  });

  it('keeps the newest line even if that alone is too large', () => {
    const ring = new AgentRing(10);
    ring.push('batch', kilobyte);
    ring.push('batch', kilobyte);
    expect(ring.at(2)?.seq).toBe(2);
    expect(ring.firstHeld).toEqual({ seq: 2, batchesBefore: 1 });
  });

  it.each([
    [0, 1, 'nothing has arrived'],
    [3, 4, 'three have'],
    [99, 11, 'a number that was never given means all'],
  ])('frees what the client has: through %i, then it begins at %i: %s', (through, first) => {
    const ring = new AgentRing(1e6);
    for (let index = 0; index < 10; index += 1) {
      ring.push('batch', kilobyte);
    }
    ring.release(through);
    expect(ring.firstHeld.seq).toBe(first);
    expect(ring.lastSeq).toBe(10);
    expect(ring.bytes).toBe([...Array(11).keys()].reduce((sum, seq) => sum + (ring.at(seq)?.line.length ?? 0), 0));
  });

  it('never exceeds its bytes and never skips a number, whatever is pushed and released', () => {
    const steps = fc.array(
      fc.oneof(fc.record({ push: fc.integer({ min: 0, max: 400 }) }), fc.record({ release: fc.nat(3000) })),
      { maxLength: 3000, size: 'max' },
    );
    fc.assert(
      fc.property(steps, (taken) => {
        const ring = new AgentRing(2000);
        let pushed = 0;
        for (const step of taken) {
          if ('push' in step) {
            ring.push('batch', 'x'.repeat(step.push));
            pushed += 1;
          } else {
            ring.release(step.release);
          }
          expect(ring.bytes).toBeLessThanOrEqual(2000);
          expect(ring.lastSeq).toBe(pushed);
        }
        for (let seq = ring.firstHeld.seq; seq <= pushed; seq += 1) {
          expect(ring.at(seq)?.seq).toBe(seq);
        }
        expect(ring.firstHeld.batchesBefore).toBe(ring.firstHeld.seq - 1);
      }),
      { numRuns: 20 },
    );
  });
});
