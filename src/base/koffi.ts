import { messageOf, systemCodeOf } from './errors.ts';

/** The calls of koffi, which binds C libraries; an optional dependency. */
export type Koffi = typeof import('koffi').default;

/** Carries the driver's own compiler, which runs on the caller's stack; koffi's default is 2 MiB. */
const stackBytes = 16 * 1024 ** 2;

let loading: Promise<Koffi | string> | null = null;

async function load(): Promise<Koffi | string> {
  try {
    const { default: koffi } = await import('koffi');
    // Has an effect only before the first library is loaded.
    koffi.config({ sync_stack_size: stackBytes, async_stack_size: stackBytes });
    return koffi;
  } catch (error) {
    const isMissing = systemCodeOf(error) === 'ERR_MODULE_NOT_FOUND';
    return isMissing ? 'koffi is not installed' : `koffi cannot be loaded: ${messageOf(error).split('\n')[0]}`;
  }
}

/** koffi, or in one line why it is not there. It is imported once, when first asked for. */
export function loadKoffi(): Promise<Koffi | string> {
  loading ??= load();
  return loading;
}
