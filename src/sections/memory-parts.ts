import { plainText } from '../base/escape-html.ts';
import { formatBytes, formatShare } from '../base/units.ts';
import type { DeviceLevels, MemoryPart, RunResult } from '../model/result.ts';
import type { Block, ReportSection } from '../model/section.ts';
import { eachRun } from './wording/each-run.ts';

const names: ReadonlyMap<string, string> = new Map<MemoryPart['part'], string>([
  ['parent-anon', 'anonymous, of the server itself'],
  ['child-anon', 'anonymous, of its children'],
  ['swap', 'in swap'],
  ['shared-mapping', 'shared without a file'],
  ['tmpfs', 'files in memory (tmpfs), grown since the start'],
  ['kernel', "the kernel's own for it"],
]);

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
  return [
    names.get(part.part) ?? plainText(part.part, 40),
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
  return [
    {
      type: 'table',
      isFolded: false,
      caption: 'Each part against its own limit; host and device are never added. – was not observed.',
      headings: ['part', 'base', 'peak', 'after load', 'peak against its limit'],
      rows: [...parts.map(partRow), ...devices.map(deviceRow)],
    },
  ];
}

export const memoryParts: ReportSection = {
  id: 'memory-parts',
  title: 'Where the memory lies',
  render: (results) => eachRun(results, blocks),
};
