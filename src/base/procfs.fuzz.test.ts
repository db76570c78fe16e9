import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { damaged } from '../testing/damaged.ts';
import {
  cgroupFolder,
  keyedNumber,
  parseCgroupPaths,
  parseKeyedNumbers,
  parseMounts,
  parseProcessStat,
  parseTcpTable,
} from './procfs.ts';
import { parseBytes, parseDurationMs } from './units.ts';

const statLine = (comm: string): string =>
  `42 (${comm}) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 1234 99999 321 18446744073709551615 0 0`;
const tcpTable = [
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
  '   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0000000000000000 100 0',
].join('\n');
const mountinfo = [
  '29 23 0:26 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory',
  '30 23 0:27 /a\\040b /mnt/a\\040b rw - cgroup2 cgroup2 rw',
].join('\n');
const keyed = 'MemTotal:       16384 kB\nSwapTotal:           0 kB\nanon 12\nfile 7\nHugePages_Total:       0\n';

describe('files of /proc', () => {
  it('have a stat line that is read whatever the process calls itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (comm) => {
        expect(parseProcessStat(statLine(comm))).toMatchObject({ pid: 42, comm, parentPid: 1, rssPages: 321 });
      }),
    );
  });

  it('give numbers or null for any stat line, and never NaN', () => {
    fc.assert(
      fc.property(damaged(statLine('node'), statLine(') ('), ''), (text) => {
        const stat = parseProcessStat(text);
        const numbers = stat === null ? [] : Object.values(stat).filter((value) => typeof value === 'number');
        expect(numbers.filter(Number.isNaN)).toEqual([]);
      }),
    );
  });

  it('are read without an exception, whatever they hold', () => {
    fc.assert(
      fc.property(damaged(tcpTable, mountinfo, '0::/a\n4:memory:/b\n', keyed, ''), (text) => {
        const queues = parseTcpTable(text, 8000).flatMap((row) => [row.receiveQueue, row.sendQueueBytes]);
        expect(queues.filter((queued) => !(queued >= 0 && queued < 2 ** 32))).toEqual([]);
        expect(parseCgroupPaths(text)).toHaveProperty('v2');
        const mounts = parseMounts(text);
        expect(typeof cgroupFolder(mounts, 'v2', '/x')).toMatch(/string|object/);
      }),
    );
  });

  it('give the same number of a key, looked for alone or with all others', () => {
    fc.assert(
      fc.property(damaged(keyed, ''), (text) => {
        const all = parseKeyedNumbers(text);
        for (const [key, value] of all) {
          expect(Number.isInteger(value) && value >= 0).toBe(true);
          expect(key).not.toBe('');
          expect(typeof keyedNumber(text, key)).toMatch(/number|object/);
        }
      }),
    );
  });

  it('have mounts that are read back, whatever their folders are called', () => {
    const octal = (text: string): string =>
      text.replaceAll(/[\\ \t\n]/g, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`);
    fc.assert(
      fc.property(
        fc.string().filter((name) => !name.includes('\r')),
        (name) => {
          const [mount] = parseMounts(`1 0 0:1 / /${octal(name)} rw - tmpfs none rw\n`);
          expect(mount?.mountPoint).toBe(`/${name}`);
        },
      ),
    );
  });
});

describe('sizes and durations', () => {
  it('are finite numbers or null for any text', () => {
    fc.assert(
      fc.property(damaged('704MiB', '24 MB', '1.5h', '250ms', '5constructor', '3 toString'), (text) => {
        for (const value of [parseBytes(text), parseDurationMs(text)]) {
          expect(value === null || Number.isFinite(value)).toBe(true);
        }
      }),
    );
  });
});
