import { describe, expect, it } from 'vitest';
import { anonBytesOf, leastFree, readMemoryBounds } from './memory.ts';

function reader(files: Readonly<Record<string, string>>): (path: string) => string | null {
  return (path) => files[path] ?? null;
}

const meminfo = 'MemTotal:       1000 kB\nMemFree:  1 kB\nMemAvailable:    800 kB\n';

describe('readMemoryBounds', () => {
  it('takes version 1 with its ancestors and leaves the page cache out', () => {
    const bounds = readMemoryBounds(
      reader({
        '/proc/meminfo': meminfo,
        '/proc/self/cgroup': '4:memory:/a/b\n0::/\n',
        '/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes': '900\n',
        '/sys/fs/cgroup/memory/a/b/memory.usage_in_bytes': '500\n',
        '/sys/fs/cgroup/memory/a/b/memory.stat': 'cache 300\ntotal_inactive_file 100\ntotal_active_file 50\n',
        '/sys/fs/cgroup/memory/a/memory.limit_in_bytes': '2000\n',
        '/sys/fs/cgroup/memory/a/memory.usage_in_bytes': '1900\n',
        '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
        '/sys/fs/cgroup/memory/memory.usage_in_bytes': '1\n',
      }),
    );
    expect(bounds).toEqual([
      { limitBytes: 1_024_000, freeBytes: 819_200 },
      { limitBytes: 900, freeBytes: 550 },
      { limitBytes: 2000, freeBytes: 100 },
    ]);
    expect(leastFree(bounds)?.freeBytes).toBe(100);
    expect(leastFree(bounds)?.spareBytes).toBe(-400);
  });

  it('takes version 2, where "max" is no limit', () => {
    const bounds = readMemoryBounds(
      reader({
        '/proc/self/cgroup': '0::/app/leaf\n',
        '/sys/fs/cgroup/app/leaf/memory.max': 'max\n',
        '/sys/fs/cgroup/app/leaf/memory.current': '10\n',
        '/sys/fs/cgroup/app/memory.max': '1000\n',
        '/sys/fs/cgroup/app/memory.current': '400\n',
        '/sys/fs/cgroup/app/memory.stat': 'anon 100\ninactive_file 200\nactive_file 0\nslab_reclaimable 50\n',
      }),
    );
    expect(bounds).toEqual([{ limitBytes: 1000, freeBytes: 850 }]);
  });

  it('finds nothing where nothing is, and says so with null', () => {
    expect(readMemoryBounds(reader({}))).toEqual([]);
    expect(leastFree([])).toBeNull();
  });
});

describe('anonBytesOf', () => {
  it('reads RssAnon, and null for a process that is gone', () => {
    expect(anonBytesOf(7, reader({ '/proc/7/status': 'VmRSS:\t  900 kB\nRssAnon:\t  512 kB\n' }))).toBe(524_288);
    expect(anonBytesOf(8, reader({}))).toBeNull();
  });
});
