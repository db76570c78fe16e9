import { touchPages } from '../../../pages.ts';

/** What the scheduler writes down of each request, and should forget with it. */
export interface Notes {
  take(): Buffer;
  /** The request is over. Only a scheduler that drains gives its note to the next one. */
  finish(note: Buffer): void;
  bytes(): number;
}

/** Notes are cut from larger pieces, or the allocator's gaps between them would be a leak of their own. */
const pieceBytes = 1024 ** 2;

/** A note is memory outside the collector's heap, every page of it written; drained ones are used again. */
export function createNotes(noteBytes: number, drains: boolean): Notes {
  const finished: Buffer[] = [];
  let piece = Buffer.alloc(0);
  let taken = 0;
  const cut = (): Buffer => {
    if (piece.length < noteBytes) {
      piece = Buffer.allocUnsafeSlow(Math.max(pieceBytes, noteBytes));
    }
    const note = piece.subarray(0, noteBytes);
    piece = piece.subarray(noteBytes);
    return note;
  };
  return {
    take() {
      const drained = drains ? finished.pop() : undefined;
      if (drained !== undefined) {
        return drained;
      }
      const note = cut();
      touchPages(note);
      taken += 1;
      return note;
    },
    finish: (note) => {
      finished.push(note);
    },
    bytes: () => taken * noteBytes,
  };
}
