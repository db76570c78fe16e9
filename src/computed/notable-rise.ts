/** Less is noise of the footprint: garbage that is not yet collected, a buffer of the allocator. */
export const notableBytes = 16 * 1024 ** 2;
export const notableRatio = 0.02;

/** Whether memory stands higher than before by more than 16 MiB and 2 %. */
export function isNotableRise(beforeBytes: number, afterBytes: number): boolean {
  return afterBytes - beforeBytes > Math.max(notableBytes, notableRatio * beforeBytes);
}
