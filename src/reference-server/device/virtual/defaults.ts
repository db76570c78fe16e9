const mebibyte = 1024 ** 2;

/**
 * Figures that stand for a driver's until they are measured on one: `testing/device-facts.ts` prints
 * each of them. Context bytes are not here, since they are the knob `context-mib`.
 */
export const modelled = {
  /** What a driver keeps for itself before the first context. */
  driverReserveBytes: 64 * mebibyte,
  /** Device memory is handed out in pages of this size. */
  granularityBytes: 2 * mebibyte,
  /** How long the memory of an ended process stays taken. */
  teardownMs: 0,
} as const;
