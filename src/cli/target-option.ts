import { BenchError } from '../base/errors.ts';
import { isLoopbackHost } from '../base/loopback.ts';

export type TargetOption =
  | { kind: 'url'; url: URL }
  | { kind: 'worker' }
  | { kind: 'reference'; fault: string | null; fixes: readonly string[] };

/** `URL`, `reference[:FAULT[+FIX…]]`, or `worker` for one without a port that fetches its work from us. */
export function parseTarget(text: string): TargetOption {
  const reference = /^reference(?::([^+]*)((?:\+[^+]+)*))?$/.exec(text);
  if (reference !== null) {
    const fault = reference[1] === undefined || reference[1] === '' || reference[1] === 'none' ? null : reference[1];
    const fixes = (reference[2] ?? '').split('+').filter((fix) => fix !== '');
    return { kind: 'reference', fault, fixes };
  }
  if (text === 'worker') {
    return { kind: 'worker' };
  }
  let url: URL;
  try {
    url = new URL(text);
  } catch (error: unknown) {
    throw new BenchError('USAGE', `--target "${text}" is neither a URL nor reference[:FAULT[+FIX…]].`, {
      hint: 'For example --target http://127.0.0.1:8000 or --target reference:ungated-pool.',
      cause: error,
    });
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new BenchError('USAGE', `--target ${text}: only http and https are spoken.`, {
      hint: 'For example --target http://127.0.0.1:8000.',
    });
  }
  return { kind: 'url', url };
}

export function isLoopback(url: URL): boolean {
  return isLoopbackHost(url.hostname);
}
