import { canonicalJson, sha256Hex } from '../../base/digest.ts';
import { formatBytes } from '../../base/units.ts';
import type { Comparability, ComparabilityDifference } from '../../model/gate.ts';
import type { RunResult } from '../../model/result.ts';
import { hostMemoryPlace } from '../limit.ts';

/** What it is called by itself: the reference server, or its image without version; null: it has no name. */
export function namedProjectOf({ target, subject }: Pick<RunResult, 'target' | 'subject'>): string | null {
  if (target.kind === 'reference') {
    return 'reference';
  }
  return subject.image === null ? null : subject.image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}

/** Nights of two services must not be one history: one without a name is called by its host and port. */
export function projectOf(result: Pick<RunResult, 'target' | 'subject'>): string {
  return namedProjectOf(result) ?? addressOf(result.target.url) ?? 'unnamed';
}

/** `host:port`, the port also where it is the usual one; null for what is no address. */
function addressOf(url: string): string | null {
  if (!URL.canParse(url)) {
    return null;
  }
  const { protocol, hostname, port } = new URL(url);
  const usual = protocol === 'https:' ? '443' : '80';
  return hostname === '' ? null : `${hostname}:${port === '' ? usual : port}`;
}

/**
 * All that must or should agree between nights: the run's own host facts, and before them (PROTOCOL 12.2) what was
 * asked of whom. Only at the end of a run are the limit and the devices known.
 */
export function comparabilityOf(result: RunResult, project: string): Comparability {
  return {
    must: {
      project,
      'profile hash': result.profile.hash,
      'corpus digest': result.corpus.digest,
      'measurement version': result.measurementVersion,
      'load engine': result.engine.id,
      ...result.comparability.must,
      'memory limit': memoryLimitOf(result),
      devices: devicesOf(result),
    },
    warn: { ...result.comparability.warn, 'memory limit set by': limitSetBy(result) },
  };
}

/** Without the name of the group or scope, which holds a number of bench's own that is another one each time. */
function limitSetBy({ target }: RunResult): string | null {
  return target.memoryLimit?.how.replace(/[/ ]?headroom-\d+(?:\.scope)?/, '') ?? null;
}

/** The host's memory differs by some pages from boot to boot; its class is a field of its own. */
function memoryLimitOf({ memory }: RunResult): string | null {
  if (memory.limitBytes === null) {
    return null;
  }
  return memory.limitSource === hostMemoryPlace ? 'that of the host' : `${memory.limitBytes} bytes`;
}

function devicesOf({ memory }: RunResult): string {
  const kinds = memory.devices.map(({ kind, limitBytes }) => `${kind} ${formatBytes(limitBytes)}`).sort();
  return kinds.length === 0 ? 'none seen' : kinds.join(', ');
}

/** Field by field, in the order of the candidate's; a field that only one side has differs. */
export function differencesOf(baseline: Comparability, candidate: Comparability): readonly ComparabilityDifference[] {
  return (['must', 'warn'] as const).flatMap((kind) =>
    [...new Set([...Object.keys(candidate[kind]), ...Object.keys(baseline[kind])])].flatMap((field) => {
      const before = baseline[kind][field] ?? null;
      const now = candidate[kind][field] ?? null;
      return before === now ? [] : [{ class: kind, field, baseline: before, candidate: now }];
    }),
  );
}

/** Nights of one series differ in nothing that must agree. The name is that of its history file. */
export function seriesOf(profile: string, { must }: Comparability): string {
  return `${profile.replaceAll(/[^\w.-]+/g, '-')}-${sha256Hex(canonicalJson(must)).slice(0, 12)}`;
}
