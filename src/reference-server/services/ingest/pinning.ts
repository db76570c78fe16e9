import { readTextFile } from '../../memory.ts';

/** CAP_IPC_LOCK of capabilities(7): whoever has it may lock without a limit. */
const lockCapability = 14n;

/** Bytes that a process may lock; null = no limit. From its /proc `limits` and `status`. */
export function lockLimitOf(limits: string | null, status: string | null): number | null {
  const capabilities = /^CapEff:\s+([0-9a-f]+)/m.exec(status ?? '')?.[1];
  if (capabilities !== undefined && ((BigInt(`0x${capabilities}`) >> lockCapability) & 1n) === 1n) {
    return null;
  }
  const soft = /^Max locked memory\s+(\S+)/m.exec(limits ?? '')?.[1];
  return soft === undefined || soft === 'unlimited' ? null : Number(soft);
}

/** One line if so many bytes cannot be locked here, else null. */
export function whyNotLockable(
  bytes: number,
  limitBytes: number | null = lockLimitOf(readTextFile('/proc/self/limits'), readTextFile('/proc/self/status')),
): string | null {
  if (limitBytes === null || bytes <= limitBytes) {
    return null;
  }
  const mib = (value: number): string => `${Math.ceil(value / 1024 ** 2)} MiB`;
  return `The queue needs ${mib(bytes)} of locked memory, and RLIMIT_MEMLOCK allows ${mib(limitBytes)}: raise it with ulimit -l, or take --knob pin=false.`;
}
