import { cardsOf, createDrmScan } from './drm-clients.ts';
import { type GpuSource, unread } from './gpu-source.ts';

const vendor = '0x8086';
/** Memory of the card itself: of the driver i915, then of xe. */
const residentKeys = ['drm-resident-local0', 'drm-resident-vram0'];
/** Where Intel's integrated devices sit. They live in host memory, which is counted there. */
const integratedPci = '0000:00:02.0';

/** The kernel's files of i915 and xe: what each process holds; neither driver tells a device's total. */
export const intelSource: GpuSource = {
  name: 'Intel',
  tellsHostPids: false,
  open(target, host) {
    const cards = cardsOf(host, vendor).filter(({ pci }) => pci !== integratedPci);
    if (cards.length === 0) {
      return Promise.resolve('no device with memory of its own in /sys/class/drm');
    }
    const scan = createDrmScan(host, residentKeys);
    return Promise.resolve({
      read(tMs) {
        const clients = scan.read(
          tMs,
          target.processes().map(({ pid }) => pid),
        );
        const readings = cards.map(({ pci }) => ({
          ...unread,
          instance: `intel:${pci}`,
          processes: clients === null ? ('unchanged' as const) : (clients.get(pci) ?? []),
        }));
        return Promise.resolve({ readings, problems: ["Intel's drivers tell no total of a device"] });
      },
      close: () => Promise.resolve(),
    });
  },
};
