import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { damaged } from '../testing/damaged.ts';
import { parseLimit, parseNumber } from './cgroup/readings.ts';
import { parsePrometheusText } from './http/prometheus-text.ts';
import { createResponseReader } from './http/response-reader.ts';
import { deviceErrors } from './kernel-log.ts';
import { parseStatus } from './process/status.ts';
import { parsePressure } from './psi.ts';
import { parsePss } from './pss.ts';
import { tmpfsMountPoints } from './shared-memory.ts';
import { parseDrmClient } from './vram/drm-clients.ts';
import { parseDeviceLine, parseProcessLine } from './vram/nvidia-smi.ts';

const pressure =
  'some avg10=1.50 avg60=0.20 avg300=0.00 total=123456\nfull avg10=0.50 avg60=0.10 avg300=0.00 total=654\n';
const status =
  'Name:\tnode\nState:\tS (sleeping)\nVmLck:\t       0 kB\nVmPin:\t       0 kB\nVmHWM:\t   81234 kB\nVmRSS:\t   80000 kB\nRssAnon:\t   40000 kB\nRssFile:\t   39000 kB\nRssShmem:\t    1000 kB\nVmSwap:\t       8 kB\nThreads:\t11\n';
const rollup = '55d5a0000000-7ffd ---p 00000000 00:00 0 [rollup]\nRss:  900 kB\nPss:  800 kB\nPss_Anon:  700 kB\n';
const fdinfo = 'pos:\t0\ndrm-driver:\tamdgpu\ndrm-pdev:\t0000:03:00.0\ndrm-client-id:\t7\ndrm-memory-vram:\t12 KiB\n';
const page =
  '# TYPE a_total counter\na_total{path="/x",q="\\""} 3 1700000000\na_gauge 1.5\n# TYPE a_h histogram\na_h_bucket{le="1"} 2\n';
const reply = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
const sized = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

/** A reading is a number that can be drawn, or it is not there; 0 never stands for missing. */
function expectReadings(values: readonly (number | null)[]): void {
  expect(values.filter((value) => value !== null && !(value >= 0))).toEqual([]);
}

describe('texts of the kernel and of drivers', () => {
  it('are numbers or null, whatever a pressure file holds', () => {
    fc.assert(
      fc.property(damaged(pressure, ''), (text) =>
        expectReadings(Object.values(parsePressure(text)).map((value) => (value === null ? null : Math.abs(value)))),
      ),
    );
  });

  it('of a pressure file are read back', () => {
    const shares = fc.record({ avg10: fc.nat({ max: 10_000 }), total: fc.maxSafeNat() });
    fc.assert(
      fc.property(shares, shares, (some, full) => {
        const line = (kind: string, { avg10, total }: { avg10: number; total: number }): string =>
          `${kind} avg10=${(avg10 / 100).toFixed(2)} avg60=0.00 avg300=0.00 total=${total}\n`;
        expect(parsePressure(`${line('some', some)}${line('full', full)}`)).toEqual({
          some_total_us: some.total,
          full_total_us: full.total,
          some_avg10_percent: some.avg10 / 100,
          full_avg10_percent: full.avg10 / 100,
        });
      }),
    );
  });

  it('of a status file are numbers or null', () => {
    fc.assert(
      fc.property(damaged(status, ''), (text) => {
        const values = Object.values(parseStatus(text)) as (number | null)[];
        expect(values.some(Number.isNaN)).toBe(false);
      }),
    );
  });

  it('of smaps_rollup, of a limit and of a count are whole numbers or null', () => {
    fc.assert(
      fc.property(damaged(rollup, 'max\n', '9223372036854771712\n', '734003200\n', ''), (text) => {
        expectReadings([parsePss(text), parseLimit(text), parseNumber(text)]);
      }),
    );
  });

  it('of a DRM client and of nvidia-smi are numbers or null', () => {
    const device = 'GPU-1234, 100, 200, 300, 5';
    fc.assert(
      fc.property(damaged(fdinfo, fdinfo.replace('KiB', 'constructor'), device, 'GPU-1, 77, [N/A]', ''), (text) => {
        const read = parseDeviceLine(text);
        const drm = parseDrmClient(text, ['drm-memory-vram']);
        const bytes = [drm?.bytes ?? null, read?.usedBytes ?? null, read?.freeBytes ?? null, read?.totalBytes ?? null];
        expect([...bytes, parseProcessLine(text)?.bytes ?? null].some(Number.isNaN)).toBe(false);
      }),
    );
  });

  it('of the kernel log and of mounts are lists, whatever they hold', () => {
    const xid = 'NVRM: Xid (PCI:0000:03:00): 79, pid=123, GPU has fallen off the bus.';
    fc.assert(
      fc.property(damaged(xid, '29 23 0:26 / /dev/shm rw - tmpfs tmpfs rw', ''), (text) => {
        expect(deviceErrors([text, text]).length).toBeLessThanOrEqual(1);
        expect(tmpfsMountPoints(text).length).toBeLessThanOrEqual(text.split('\n').length);
      }),
    );
  });
});

describe('pages of a target', () => {
  it('give finite numbers or null, and no more series than are kept', () => {
    fc.assert(
      fc.property(damaged(page, page.repeat(3), ''), (text) => {
        const { values } = parsePrometheusText(text, { allowedPrefixes: ['a_'], mostSeries: 2 });
        expect(values.size).toBeLessThanOrEqual(2);
        expect([...values.values()].every((value) => value === null || Number.isFinite(value))).toBe(true);
      }),
    );
  });

  it('come over HTTP without an exception, in whatever pieces and of whatever bytes', () => {
    fc.assert(
      fc.property(damaged(reply, sized, ''), fc.integer({ min: 1, max: 50 }), (text, size) => {
        let bytes = 0;
        const reader = createResponseReader({
          status: (code) => expect(Number.isInteger(code)).toBe(true),
          data: (piece) => {
            bytes += piece.length;
          },
        });
        const all = Buffer.from(text, 'latin1');
        for (let at = 0; at < all.length; at += size) {
          reader.read(all.subarray(at, at + size));
        }
        expect(bytes).toBeLessThanOrEqual(all.length);
      }),
    );
  });
});
