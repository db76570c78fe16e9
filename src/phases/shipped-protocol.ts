import { existsSync, readFileSync } from 'node:fs';
import { sha256Hex } from '../base/digest.ts';
import type { ProtocolText } from '../model/manifest.ts';

const shippedPage = new URL('../../PROTOCOL.md', import.meta.url);

/** The rules that came with this code (PROTOCOL 13.1); null where the page is not there, or has no version in its title. */
export function shippedProtocol(page: URL = shippedPage): ProtocolText | null {
  if (!existsSync(page)) {
    return null;
  }
  const bytes = readFileSync(page);
  const version = /^# .* version (\d+\.\d+)\n/.exec(bytes.toString('utf8'))?.[1];
  return version === undefined ? null : { version, sha256: sha256Hex(bytes) };
}
