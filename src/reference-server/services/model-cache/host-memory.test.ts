import { describe, expect, it } from 'vitest';
import { DeviceError } from '../../device/device.ts';
import { anonBytesOf } from '../../memory.ts';
import { createHostMemory } from './host-memory.ts';

const blockBytes = 64 * 1024 ** 2;

describe('arena blocks on the host', () => {
  it('are real memory of this process, and go back when they are freed', async () => {
    const memory = createHostMemory();
    const anonBytes = (): number => anonBytesOf('self') ?? 0;
    const before = anonBytes();
    const id = await memory.alloc(blockBytes);
    expect(anonBytes() - before).toBeGreaterThan(0.9 * blockBytes);
    await memory.free(id);
    await expect.poll(() => anonBytes() - before, { timeout: 5000 }).toBeLessThan(0.5 * blockBytes);
  });

  it('are refused where no buffer can be that long', async () => {
    await expect(createHostMemory().alloc(2 ** 50)).rejects.toThrow(DeviceError);
  });
});
