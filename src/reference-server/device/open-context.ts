import { openCudaContext } from './cuda.ts';
import type { DeviceAccess, DeviceContext } from './device.ts';
import { openVirtualContext } from './virtual.ts';

/** Opens this process's context on whatever device the server runs on; `onLost` is told if the device goes away. */
export function openContext(access: DeviceAccess, label: string, onLost: () => void): Promise<DeviceContext> {
  switch (access.kind) {
    case 'cuda':
      return openCudaContext(access.libraryPath, onLost);
    case 'virtual':
      return openVirtualContext(access.socketPath, label, access.contextBytes, onLost);
  }
}
