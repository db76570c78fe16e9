import type { RunResult } from '../../model/result.ts';

const gibibyte = 1024 ** 3;

/** What the schema says of the machine; its texts must be there, so what was not read says so. */
export function nodeOf(result: RunResult): Readonly<Record<string, unknown>> {
  const { target, memory, comparability, hostClass, environment } = result;
  const device = memory.devices.find(({ kind }) => kind === 'cuda');
  const free = (usedBytes: number | null): number | null =>
    device === undefined || device.limitBytes === null || usedBytes === null
      ? null
      : (device.limitBytes - usedBytes) / gibibyte;
  const freeAtStart = free(device?.baselineBytes ?? null);
  const driver = comparability.warn['GPU driver'] ?? null;
  const wasStarted = target.kind === 'reference' || target.exec !== null;
  return {
    host: hostClass,
    gpu: gpuText(result),
    ...(device?.limitBytes == null ? {} : { vram_total_gb: device.limitBytes / gibibyte }),
    ...(freeAtStart === null || freeAtStart < 0 ? {} : { vram_free_gb_at_start: freeAtStart }),
    cuda: 'not read',
    ...(driver === null ? {} : { driver }),
    os: environment['kernel'] ?? 'not read',
    ...(device?.othersPeakBytes == null ? {} : { shared_gpu: device.othersPeakBytes > 0 }),
    ...(wasStarted ? { cold_start: true } : {}),
  };
}

/** A ledger of the reference server is never called a GPU. */
function gpuText({ target, memory, comparability }: RunResult): string {
  const named = comparability.must['GPUs'] ?? null;
  if (named !== null && named !== 'none') {
    return named;
  }
  return target.device.kind === 'virtual' || memory.devices.some(({ kind }) => kind === 'virtual')
    ? 'none: a virtual device'
    : (named ?? 'not read');
}
