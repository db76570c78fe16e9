import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaNode } from 'execa';
import { describe, expect, it } from 'vitest';
import { samplerHostView } from './host-view.ts';
import { localHostView } from './local-host-view.ts';

const descriptors = (): number => readdirSync('/proc/self/fd').length;

/** A view whose reads that are left to the host are counted. */
function countingView(nowMs: () => number = () => 0) {
  const host = localHostView();
  const asked: string[] = [];
  const view = samplerHostView(
    {
      ...host,
      read: (path) => {
        asked.push(path);
        return host.read(path);
      },
    },
    nowMs,
  );
  return { view, asked };
}

describe.skipIf(process.platform !== 'linux')('samplerHostView', () => {
  it.each([['/proc/self/../self/status'], ['/proc/self/smaps_rollup'], ['/proc/vmstat']])(
    'leaves %s to the host at each reading',
    (path) => {
      const { view, asked } = countingView();
      view.read(path);
      view.read(path);
      view.read(path);
      view.close();
      expect(asked).toEqual([path, path, path]);
    },
  );

  it('holds open what is read a second time, reads it anew, and lets all go at its close', () => {
    const { view, asked } = countingView();
    const path = `/proc/${process.pid}/stat`;
    const before = descriptors();
    const texts = [view.read(path), view.read(path), view.read(path)];
    expect(asked).toEqual([path]);
    expect(texts.every((text) => text?.startsWith(`${process.pid} (`))).toBe(true);
    expect(descriptors()).toBe(before + 1);
    // Counters of this very process: a held file that told the past would repeat itself.
    const endMs = performance.now() + 40;
    while (performance.now() < endMs) {
      readFileSync('/proc/self/stat');
    }
    expect(view.read(path)).not.toBe(texts[2]);
    view.close();
    expect(descriptors()).toBe(before);
  });

  it('gives null for a process that has ended, and holds nothing of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'host-view-'));
    const child = execaNode('-e', ['process.stdin.resume()'], {
      cwd: folder,
      reject: false,
      ipc: false,
      nodeOptions: [],
    });
    const path = `/proc/${String(child.pid)}/stat`;
    const { view } = countingView();
    const before = descriptors();
    view.read(path);
    expect(view.read(path)).not.toBeNull();
    child.stdin.end();
    await child;
    expect(view.read(path)).toBeNull();
    expect(descriptors()).toBeLessThanOrEqual(before);
    view.close();
    rmSync(folder, { recursive: true });
  });

  it('lets go of what nobody has read from one look to the next, 15 s later', () => {
    let nowMs = 0;
    const { view } = countingView(() => nowMs);
    const before = descriptors();
    view.read('/proc/loadavg');
    view.read('/proc/loadavg');
    expect(descriptors()).toBe(before + 1);
    nowMs = 15_000;
    view.read('/proc/vmstat');
    expect(descriptors()).toBe(before + 1);
    nowMs = 30_000;
    view.read('/proc/vmstat');
    expect(descriptors()).toBe(before);
    view.close();
  });
});
