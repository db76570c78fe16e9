import { DeviceError, type DeviceMemory, outOfMemoryCode } from '../../device/device.ts';
import { touchPages } from '../../pages.ts';
import { collectBytes } from '../images/decode-image.ts';

/** Memory of this process in place of the card's, every page of it written. */
export function createHostMemory(): DeviceMemory {
  const blocks = new Map<number, Buffer>();
  let nextId = 1;
  const take = (bytes: number): Buffer => {
    try {
      return Buffer.allocUnsafeSlow(bytes);
    } catch {
      // Longer than a buffer may be, or than the system gives.
      throw new DeviceError(outOfMemoryCode, `allocation of ${bytes} bytes: out of host memory`);
    }
  };
  return {
    async alloc(bytes) {
      const block = take(bytes);
      touchPages(block);
      blocks.set(nextId, block);
      return nextId++;
    },
    async free(id) {
      const bytes = blocks.get(id)?.length ?? 0;
      blocks.delete(id);
      collectBytes(bytes);
    },
  };
}
