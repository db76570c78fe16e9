import { plainText } from '../base/escape-html.ts';
import { formatBytes, formatShare } from '../base/units.ts';
import type { DeviceLevels, MemoryPart, RunResult } from '../model/result.ts';
import type { Block, ReportSection } from '../model/section.ts';
import { seriesOf } from './drawing/line-chart.ts';
import { stacked } from './drawing/memory-stack.ts';
import { stackedChart } from './drawing/stacked-chart.ts';
import { highest } from './drawing/time-chart.ts';
import { eachRun } from './wording/each-run.ts';

const names: ReadonlyMap<string, string> = new Map<MemoryPart['part'], string>([
  ['parent-anon', 'anonymous, of the server itself'],
  ['child-anon', 'anonymous, of its children'],
  ['swap', 'in swap'],
  ['shared-mapping', 'shared without a file'],
  ['tmpfs', 'files in memory (tmpfs), grown since the start'],
  ['kernel', "the kernel's own for it"],
]);

/** From the bottom up: what a kill by memory counts first. */
const layers: readonly { part: MemoryPart['part']; label: string; color: string }[] = [
  { part: 'parent-anon', label: 'anonymous, the server itself', color: 'var(--l1)' },
  { part: 'child-anon', label: 'anonymous, its children', color: 'var(--l2)' },
  { part: 'shared-mapping', label: 'shared without a file', color: 'var(--l3)' },
  { part: 'tmpfs', label: 'files in memory', color: 'var(--l4)' },
  { part: 'kernel', label: "the kernel's own", color: 'var(--l5)' },
  { part: 'swap', label: 'in swap', color: 'var(--l6)' },
];

/** Host memory by kind. That of a device lies elsewhere and has a chart of its own. */
function chart(result: RunResult): Block | null {
  const held = layers.flatMap(({ part, label, color }) => {
    const series = seriesOf(result, `part:${part}`);
    // What was read and never held anything would only fill the legend; the table has it.
    return series === null || highest(series) === 0 ? [] : [{ holder: label, series, color }];
  });
  const largest = result.memory.parts.toSorted((a, b) => (b.peakBytes ?? 0) - (a.peakBytes ?? 0))[0];
  const most =
    largest?.peakBytes == null
      ? ''
      : `Most was ${names.get(largest.part) ?? plainText(largest.part, 40)}: ${formatBytes(largest.peakBytes)} at its peak. `;
  return stackedChart(result, stacked(held), {
    title: 'Host memory by kind',
    caption: `${most}Memory in swap is out of sight of RSS, and files in memory belong to no process. Device memory is not part of this: it is in the section on device memory.`,
    quantity: 'bytes',
    heightPx: 150,
    raw: 'samples',
  });
}

const ownLimits: ReadonlySet<MemoryPart['part']> = new Set<MemoryPart['part']>(['swap', 'tmpfs']);

function bytes(value: number | null): string {
  return value === null ? '–' : formatBytes(value);
}

function against(peakBytes: number | null, limitBytes: number | null, source: string | null): string {
  return limitBytes === null || limitBytes === 0
    ? '–'
    : `${peakBytes === null ? '–' : formatShare(peakBytes / limitBytes)} of ${formatBytes(limitBytes)}${source === null ? '' : ` (${plainText(source, 80)})`}`;
}

function partRow(part: MemoryPart): readonly string[] {
  const name = names.get(part.part) ?? plainText(part.part, 40);
  return [
    part.mayBeOthers === true ? `${name}; of the whole host, and may be another's` : name,
    bytes(part.baselineBytes),
    bytes(part.peakBytes),
    bytes(part.floorBytes),
    // The others are held against the limit that the page names above.
    against(part.peakBytes, part.limitBytes, ownLimits.has(part.part) ? part.limitSource : null),
  ];
}

function deviceRow(device: DeviceLevels): readonly string[] {
  const holders = [
    ...(device.targetPeakBytes === null ? [] : [`target ${formatBytes(device.targetPeakBytes)}`]),
    ...(device.othersPeakBytes === null ? [] : [`others ${formatBytes(device.othersPeakBytes)} at most`]),
  ];
  return [
    `${device.kind === 'virtual' ? 'virtual VRAM' : 'VRAM'} of ${plainText(device.instance, 80)}${holders.length === 0 ? '' : `, ${holders.join(', ')}`}`,
    bytes(device.baselineBytes),
    bytes(device.peakBytes),
    bytes(device.floorBytes),
    against(device.peakBytes, device.limitBytes, null),
  ];
}

function blocks(result: RunResult): readonly Block[] {
  const { parts, devices } = result.memory;
  if (parts.length === 0 && devices.length === 0) {
    return [{ type: 'paragraph', text: 'No part of the memory was observed.' }];
  }
  const drawn = chart(result);
  return [
    ...(drawn === null ? [] : [drawn]),
    {
      type: 'table',
      isFolded: false,
      caption: 'Each part against its own limit; host and device are never added. – was not observed.',
      headings: ['part', 'before load', 'peak', 'after load', 'peak against its limit'],
      rows: [...parts.map(partRow), ...devices.map(deviceRow)],
    },
  ];
}

export const memoryParts: ReportSection = {
  id: 'memory-parts',
  title: 'Where the memory lies',
  render: (results) => eachRun(results, blocks),
};
