import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localHostView } from './local-host-view.ts';

describe('a followed log', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'headroom-log-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('gives what was written since the last call, and nothing of before it was opened', () => {
    const path = join(folder, 'log');
    writeFileSync(path, 'old\n'.repeat(5000));
    const log = localHostView().follow(path);
    expect(log?.readNew()).toBe('');
    const longer = `${'new'.repeat(5000)}\n`;
    appendFileSync(path, longer);
    expect(log?.readNew()).toBe(longer);
    expect(log?.readNew()).toBe('');
    log?.close();
    expect(log?.readNew()).toBeNull();
  });

  it('is null where it may not be read', () => {
    expect(localHostView().follow(join(folder, 'none'))).toBeNull();
    expect(localHostView().follow(folder)).toBeNull();
  });
});
