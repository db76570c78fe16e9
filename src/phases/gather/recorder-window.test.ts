import { describe, expect, it } from 'vitest';
import { LiveWindow, type WindowFigures } from './recorder-window.ts';

/** Answers with these latencies in each second, read after each. */
function readEverySecond(seconds: number, latenciesMs: (second: number) => readonly number[]): WindowFigures[] {
  const window = new LiveWindow();
  let offered = 0;
  return Array.from({ length: seconds }, (_, second) => {
    for (const latencyMs of latenciesMs(second)) {
      offered += 1;
      window.add(latencyMs);
    }
    return window.read((second + 1) * 1000, offered);
  });
}

describe('the window of the live view', () => {
  it('has rates over the time that there was, and over the last ten seconds later', () => {
    const read = readEverySecond(30, (second) => Array.from({ length: second < 15 ? 5 : 20 }, () => 100));
    expect(read[0]).toMatchObject({ offeredPerSecond: 5, achievedPerSecond: 5 });
    expect(read[14]).toMatchObject({ offeredPerSecond: 5, achievedPerSecond: 5 });
    expect(read[19]).toMatchObject({ offeredPerSecond: 12.5, achievedPerSecond: 12.5 });
    expect(read[29]).toMatchObject({ offeredPerSecond: 20, achievedPerSecond: 20 });
  });

  it.each([
    ['a lone answer', [250], 250],
    ['the 95th of a hundred', Array.from({ length: 100 }, (_, n) => n + 1), 95],
    ['answers within a loop', [0.5, 0.5, 0.5], 0.5],
    ['answers of hours', [7_200_000, 7_200_000], 7_200_000],
  ])('tells the p95 of %s within a hundredth', (_, latenciesMs, p95Ms) => {
    const [figures] = readEverySecond(1, () => latenciesMs);
    expect(Math.abs((figures?.p95Ms ?? 0) / p95Ms - 1)).toBeLessThan(0.01);
  });

  it.each([
    ['below its scale', 0],
    ['an early record', -5],
    ['above its scale', 1e12],
  ])('counts a latency %s', (_, latencyMs) => {
    const [figures] = readEverySecond(1, () => [latencyMs]);
    expect(figures?.achievedPerSecond).toBe(1);
    expect(figures?.p95Ms).toBeGreaterThan(0);
  });

  it('forgets what is older, and has no p95 of nothing', () => {
    const read = readEverySecond(14, (second) => (second < 2 ? [80] : []));
    expect(read[9]?.achievedPerSecond).toBeCloseTo(0.2);
    expect(read[13]).toEqual({ offeredPerSecond: 0, achievedPerSecond: 0, p95Ms: null });
  });

  it('counts what was offered and not answered', () => {
    const window = new LiveWindow();
    expect(window.read(1000, 30)).toEqual({ offeredPerSecond: 30, achievedPerSecond: 0, p95Ms: null });
  });
});
