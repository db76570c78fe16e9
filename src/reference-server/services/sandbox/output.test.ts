import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { keepOutput, shownBytes } from './output.ts';

async function kept(chunks: readonly Buffer[], capBytes: number | null) {
  const stream = new PassThrough();
  let overs = 0;
  const output = keepOutput(stream, capBytes, () => {
    overs += 1;
  });
  for (const chunk of chunks) {
    stream.write(chunk);
  }
  stream.end();
  await finished(stream);
  return { heldBytes: output.heldBytes(), text: output.text(), overs };
}

const note = '\n[the output was cut here]\n';
const flood = Array.from({ length: 100 }, () => Buffer.alloc(64 * 1024, 'a'));

describe('keepOutput', () => {
  it.each([
    ['nothing was printed', [], null, ''],
    ['a short text', [Buffer.from('hello\n')], 50 * 1024, 'hello\n'],
    ['a character in two chunks', [Buffer.from([0xc3]), Buffer.from([0xa4])], null, 'ä'],
    ['bytes that are no UTF-8', [Buffer.from([0x61, 0xff, 0x62])], null, 'a\ufffdb'],
    ['exactly as much as is shown', [Buffer.alloc(shownBytes, 'a')], shownBytes, 'a'.repeat(shownBytes)],
  ])('shows all where %s', async (_reason, chunks, cap, text) => {
    expect(await kept(chunks, cap)).toMatchObject({ text, overs: 0 });
  });

  it('holds every byte of a flood where there is no cap, and shows its start', async () => {
    expect(await kept(flood, null)).toEqual({
      heldBytes: 6_553_600,
      text: `${'a'.repeat(shownBytes)}${note}`,
      overs: 0,
    });
  });

  it('holds no more than the cap of a flood, and says so once', async () => {
    expect(await kept(flood, 1000)).toEqual({ heldBytes: 1000, text: `${'a'.repeat(1000)}${note}`, overs: 1 });
  });

  it('lets go of all that it held', async () => {
    const stream = new PassThrough();
    const output = keepOutput(stream, null, () => undefined);
    stream.end('hello');
    await finished(stream);
    expect([output.letGo(), output.heldBytes(), output.text()]).toEqual([5, 0, '']);
  });

  it('leaves out the last character where the cut splits it', async () => {
    const text = Buffer.from(`${'a'.repeat(shownBytes - 1)}ä and more`);
    expect((await kept([text], null)).text).toBe(`${'a'.repeat(shownBytes - 1)}${note}`);
  });
});
