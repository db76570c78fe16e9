import { BenchError } from '../../base/errors.ts';
import type { ByteRange } from '../../model/corpus.ts';
import { openTerminal } from '../terminal.ts';
import { openByName } from './corpus-open.ts';

export function corpusDigestCommand(name: string): Promise<number> {
  const { corpus } = openByName(name);
  openTerminal().out(`${corpus.digest}  ${corpus.name}`);
  return Promise.resolve(0);
}

/** `START-END`: bytes from START up to, not including, END. Throws USAGE. */
export function parseByteRange(text: string, bytes: number): ByteRange {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text);
  const start = Number(match?.[1] ?? Number.NaN);
  const end = Number(match?.[2] ?? Number.NaN);
  if (match === null || start > end || end > bytes) {
    throw new BenchError('USAGE', `--range "${text}" is no range of the ${bytes} bytes of this item.`, {
      hint: `Write START-END, with END not included, like 0-${Math.min(bytes, 1024)}.`,
    });
  }
  return { start, end };
}

/** Resolves when `stream` takes more, or fails: then nobody reads any more. */
function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('error', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('error', done);
  });
}

/** Streams one item's bytes to stdout, never whole in memory. */
export async function corpusCatCommand(
  name: string,
  index: number,
  options: { range?: string },
  stdout: NodeJS.WritableStream = process.stdout,
): Promise<number> {
  const { corpus } = openByName(name);
  const item = corpus.items[index];
  if (item === undefined) {
    throw new BenchError('USAGE', `The corpus ${name} has no item ${index}.`, {
      hint: `Items are 0 to ${corpus.items.length - 1}.`,
    });
  }
  const range = options.range === undefined ? { start: 0, end: item.bytes } : parseByteRange(options.range, item.bytes);
  const reader = { isGone: false };
  stdout.on('error', () => {
    reader.isGone = true;
  });
  for (const chunk of item.chunks(range)) {
    // The generator may use its buffer again, so what is queued is a copy.
    if (!stdout.write(Buffer.from(chunk))) {
      await drained(stdout);
    }
    if (reader.isGone) {
      break;
    }
  }
  return 0;
}
