import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { damaged } from '../testing/damaged.ts';
import { parseMonitorReading } from './device-monitor.ts';

const answer = {
  seq: 1,
  totalBytes: 100,
  reservedBytes: 10,
  usedBytes: 30,
  freeBytes: 60,
  processes: [
    { pid: 7, label: 'hot', bytes: 30 },
    { pid: 8, label: 'cold', bytes: 0 },
  ],
};
const figures = ['totalBytes', 'reservedBytes', 'usedBytes', 'freeBytes'] as const;

function expectSound(given: Readonly<Record<string, unknown>>): void {
  const reading = parseMonitorReading(given);
  const numbers =
    reading === null
      ? []
      : [...figures.map((name) => reading[name]), ...reading.processes.flatMap(({ pid, bytes }) => [pid, bytes])];
  expect(numbers.filter((value) => !Number.isFinite(value))).toEqual([]);
  const heldBytes = reading?.processes.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0;
  expect(Number.isFinite(heldBytes)).toBe(true);
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

describe('the answer of a virtual device', () => {
  it('that is damaged is a reading of numbers, or none', () => {
    fc.assert(fc.property(damaged(JSON.stringify(answer)), (text) => expectSound(parsed(text))));
  });

  it('with anything in the place of a field is a reading of numbers, or none', () => {
    const process = fc.oneof(
      fc.jsonValue(),
      fc.record({ pid: fc.jsonValue(), label: fc.jsonValue(), bytes: fc.oneof(fc.jsonValue(), fc.constant(1e308)) }),
    );
    const fields = fc.record(
      { ...Object.fromEntries(figures.map((name) => [name, fc.jsonValue()])), processes: fc.array(process) },
      { requiredKeys: [] },
    );
    fc.assert(fc.property(fields, (other) => expectSound({ ...answer, ...other })));
  });

  it('may call a process what no text can be made of', () => {
    const processes = [{ pid: 7, label: { toString: 1 }, bytes: 30 }];
    expect(parseMonitorReading({ ...answer, processes })?.processes).toEqual([{ pid: 7, label: '', bytes: 30 }]);
  });
});
