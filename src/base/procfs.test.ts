import { describe, expect, it } from 'vitest';
import {
  cgroupFolder,
  keyedNumber,
  parseCgroupPaths,
  parseKeyedNumbers,
  parseMounts,
  parseProcessStat,
  parseTcpTable,
} from './procfs.ts';

const statTail =
  'R 7547 7547 4790 0 -1 4194304 97 0 5 0 120 30 0 0 20 0 9 0 638740 3133440 361 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0';

describe('parseProcessStat', () => {
  it.each([
    ['a plain name', 'cat'],
    ['a name with a space and parentheses', 'my (odd) name'],
    ['a name that ends in a parenthesis', 'x)'],
  ])('reads %s to the last parenthesis', (_reason, comm) => {
    expect(parseProcessStat(`7550 (${comm}) ${statTail}\n`)).toEqual({
      pid: 7550,
      comm,
      state: 'R',
      parentPid: 7547,
      majorFaults: 5,
      cpuTicks: 150,
      threads: 9,
      startTicks: 638740,
      rssPages: 361,
    });
  });

  it.each([
    ['nothing', ''],
    ['a line cut short', '7550 (cat) R 1 2'],
    ['no name', '7550 R 1'],
  ])('gives null for %s', (_reason, text) => {
    expect(parseProcessStat(text)).toBeNull();
  });
});

describe('parseTcpTable', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:07E8 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 1145 1 000000000196e7c1 100 0 0 10 0
   1: 0100007F:07E8 0100007F:C350 01 00000010:0000FFFF 00:00000000 00000000     0        0 1146 1 0 20 4 30 10 -1
   2: 0100007F:C350 0100007F:07E8 01 00000001:00000002 00:00000000 00000000     0        0 1147 1 0 20 4 30 10 -1
   3: 0100007F:07E8 0100007F:C351 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0
`;

  it('keeps the rows of the port and not those that lead to it', () => {
    expect(
      parseTcpTable(table, 2024).map((row) => [row.state, row.receiveQueue, row.sendQueueBytes, row.inode]),
    ).toEqual([
      ['listen', 3, 0, '1145'],
      ['established', 65535, 16, '1146'],
      ['time_wait', 0, 0, '0'],
    ]);
  });

  it('finds nothing for another port', () => {
    expect(parseTcpTable(table, 80)).toEqual([]);
  });
});

describe('cgroup paths', () => {
  it.each([
    ['a hybrid host', '4:memory:/bench-x\n1:name=systemd:/\n0::/\n', { v1Memory: '/bench-x', v2: '/' }],
    ['v1 controllers mounted together', '3:cpu,memory:/docker/ab\n', { v1Memory: '/docker/ab', v2: null }],
    ['v2 alone, with a colon in the name', '0::/a:b.scope\n', { v1Memory: null, v2: '/a:b.scope' }],
    ['an unreadable file', '', { v1Memory: null, v2: null }],
  ])('are read on %s', (_reason, text, expected) => {
    expect(parseCgroupPaths(text)).toEqual(expected);
  });

  it('lose the part that a container has mounted as its root', () => {
    const mounts = parseMounts('9 8 0:1 /docker/ab /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n');
    expect(cgroupFolder(mounts, 'v1-memory', '/docker/ab')).toBe('/sys/fs/cgroup/memory');
    expect(cgroupFolder(mounts, 'v1-memory', '/docker/ab/inner')).toBe('/sys/fs/cgroup/memory/inner');
    expect(cgroupFolder(mounts, 'v2', '/')).toBeNull();
  });
});

describe('parseKeyedNumbers', () => {
  it('turns kB into bytes and passes other lines over', () => {
    const values = parseKeyedNumbers('VmRSS:\t  2 kB\nThreads:\t7\noom_kill 3\nName:\tcat\nState:\tR (running)\n');
    expect([...values]).toEqual([
      ['VmRSS', 2048],
      ['Threads', 7],
      ['oom_kill', 3],
    ]);
  });
});

describe('keyedNumber', () => {
  it.each([
    ['a size', 'VmRSS', 2048],
    ['a key that begins as another does', 'Vm', 5],
    ['a counter', 'oom_kill', 3],
    ['a key that ends as another does', 'RSS', null],
    ['a text', 'Name', null],
    ['a key that is not there', 'VmSwap', null],
  ])('finds %s: %s', (_reason, key, value) => {
    expect(keyedNumber('VmRSS:\t  2 kB\nVm 5\noom_kill 3\nName:\tcat\n', key)).toBe(value);
  });
});
