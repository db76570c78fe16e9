import { nearestName } from '../base/by-id.ts';
import { BenchError } from '../base/errors.ts';
import { isLoopbackHost } from '../base/loopback.ts';

export type TargetOption =
  | { kind: 'url'; url: URL }
  | { kind: 'worker' }
  | { kind: 'reference'; fault: string | null; fixes: readonly string[] };

/** What a URL is without its scheme: `localhost:8000`, `127.0.0.1:8000/v1`, `gpu-box.lan`, `[::1]:8000`. */
const hostAndPort = /^(?:(?:[\w-]+(?:\.[\w-]+)*|\[[\da-f:]+\]):\d{1,5}|[\w-]+(?:\.[\w-]+)+)(?:\/\S*)?$/i;

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
  if (hostAndPort.test(text)) {
    throw new BenchError('USAGE', `--target ${text} does not say how it is spoken to.`, {
      hint: `Write --target http://${text}, or https.`,
    });
  }
  const near = nearestName(text.split(':')[0] ?? '', ['reference', 'worker', 'http', 'https']);
  if (!URL.canParse(text)) {
    throw new BenchError('USAGE', `--target "${text}" is neither a URL nor reference[:FAULT[+FIX…]].`, {
      hint:
        near === null
          ? 'For example --target http://127.0.0.1:8000 or --target reference:ungated-pool.'
          : `Did you mean "${near}"?`,
    });
  }
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new BenchError('USAGE', `--target ${text}: only http and https are spoken.`, {
      hint: near === null ? 'For example --target http://127.0.0.1:8000.' : `Did you mean "${near}"?`,
    });
  }
  return { kind: 'url', url };
}

export function isLoopback(url: URL): boolean {
  return isLoopbackHost(url.hostname);
}
