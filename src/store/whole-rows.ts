import { open } from 'node:fs/promises';

const quote = 0x22;
const newline = 0x0a;
const blockBytes = 1024 * 1024;

/** End of the last whole row of a block, or -1; a line break between quotes ends no row. */
function endOfRows(block: Buffer, startsQuoted: boolean): { end: number; isQuoted: boolean } {
  let isQuoted = startsQuoted;
  let last = -1;
  for (let at = block.indexOf(quote); at >= 0; at = block.indexOf(quote, at + 1)) {
    isQuoted = !isQuoted;
    last = at;
  }
  const lineEnd = block.lastIndexOf(newline);
  return !isQuoted && lineEnd > last ? { end: lineEnd, isQuoted } : endByBytes(block, startsQuoted);
}

function endByBytes(block: Buffer, startsQuoted: boolean): { end: number; isQuoted: boolean } {
  let isQuoted = startsQuoted;
  let end = -1;
  for (let index = 0; index < block.length; index += 1) {
    const byte = block[index];
    if (byte === quote) {
      isQuoted = !isQuoted;
    } else if (byte === newline && !isQuoted) {
      end = index;
    }
  }
  return { end, isQuoted };
}

function twiceAsLong(block: Buffer): Buffer {
  const longer = Buffer.allocUnsafe(block.length * 2);
  block.copy(longer);
  return longer;
}

/**
 * The bytes of whole rows only, block by block; `onTorn` hears how many are behind the last of them. All blocks share
 * their memory, so that each is good only until the next is asked for.
 */
export async function* wholeRows(path: string, onTorn: (bytes: number) => void): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    let block: Buffer = Buffer.allocUnsafe(blockBytes);
    let held = 0;
    let isQuoted = false;
    for (;;) {
      block = held === block.length ? twiceAsLong(block) : block;
      const { bytesRead } = await file.read(block, held, block.length - held);
      if (bytesRead === 0) {
        onTorn(held);
        return;
      }
      const filled = held + bytesRead;
      const found = endOfRows(block.subarray(held, filled), isQuoted);
      isQuoted = found.isQuoted;
      const end = found.end < 0 ? 0 : held + found.end + 1;
      if (end > 0) {
        yield block.subarray(0, end);
        block.copyWithin(0, end, filled);
      }
      held = filled - end;
    }
  } finally {
    await file.close();
  }
}
