/** Back with the slot, once. */
type GiveBack = () => void;

/** A semaphore that never lets anybody wait. `most` null = everybody enters. */
export interface Slots {
  most: number | null;
  taken(): number;
  isFull(): boolean;
  /** null if none is free. */
  take(): GiveBack | null;
}

export function createSlots(most: number | null): Slots {
  let taken = 0;
  const isFull = (): boolean => most !== null && taken >= most;
  return {
    most,
    taken: () => taken,
    isFull,
    take() {
      if (isFull()) {
        return null;
      }
      taken += 1;
      let isHeld = true;
      return () => {
        taken -= isHeld ? 1 : 0;
        isHeld = false;
      };
    },
  };
}

/** What requests, replies and young children take of the server's own, besides the programs. */
const reserveBytes = 64 * 1024 ** 2;

/** A program that gets less cannot even start its interpreter. */
const leastChildBytes = 32 * 1024 ** 2;

/**
 * floor((limit - base) / child) slots, `freeBytes` being limit minus base; never more than were asked for.
 * Where not even one program fits, it is the program that gets smaller. `freeBytes` null = no bound is known.
 */
export function slotsThatFit(
  asked: { slots: number; childBytes: number },
  freeBytes: number | null,
): { slots: number; childBytes: number } {
  if (freeBytes === null) {
    return asked;
  }
  const roomBytes = freeBytes - reserveBytes;
  const slots = Math.min(asked.slots, Math.floor(roomBytes / asked.childBytes));
  return slots >= 1
    ? { slots, childBytes: asked.childBytes }
    : { slots: 1, childBytes: Math.max(leastChildBytes, Math.min(asked.childBytes, roomBytes)) };
}
