import { canonicalJson } from '../../base/digest.ts';
import { messageOf } from '../../base/errors.ts';
import { formatDuration } from '../../base/units.ts';
import { isWatched } from '../../computed/watched.ts';
import type { Manifest, ProtocolText } from '../../model/manifest.ts';
import { parseProfile, profileHash } from '../../model/parse-profile.ts';
import { manifestSchema } from '../../model/schemas/manifest-schema.ts';
import { maskArguments } from '../launch/mask-arguments.ts';
import { Faults, notChecked, type RuleAnswer } from './verify-faults.ts';
import { schemaFaults } from './verify-schema.ts';

/** Without a step of its own in the manifest (PROTOCOL 8.2) the wall clock counts from before the first stage until after the last: it may be ahead, never behind. */
const clockStepMs = 1000;
/** Far more than starting and stopping a target takes. */
const longestAroundMs = 15 * 60_000;

export interface ManifestFacts {
  manifest: Manifest;
  /** Text of profile.resolved.yaml; null: it is missing. */
  profileText: string | null;
  /** An older run whose profile has got fields since. */
  isMigrated: boolean;
  detectorIds: readonly string[];
  /** The text that this harness keeps to. */
  protocol: ProtocolText | null;
}

/** The rules that the manifest and the resolved profile can be held against by themselves. */
export function verifyManifest(facts: ManifestFacts): RuleAnswer[] {
  const { manifest } = facts;
  const schema = schemaFaults('manifest.json', manifestSchema, manifest);
  return schema.state === 'holds'
    ? [
        schema,
        closed(manifest),
        clock(manifest),
        hidden(manifest),
        profileFile(facts),
        identity(facts),
        protocolText(facts),
      ]
    : [schema];
}

function closed({ status, endedAt, measured, exitCause }: Manifest): RuleAnswer {
  const faults = new Faults('8.5', 'the run was closed');
  if (status === 'running') {
    faults.add('The status is still running: its harness was killed, or it goes on.');
  } else if (endedAt === null && status !== 'aborted') {
    faults.add(`The status is ${status}, but endedAt is null.`);
  }
  if (status === 'completed' && measured === null) {
    faults.add('The status is completed, but nothing is said of what was measured.');
  }
  if ((status === 'stopped' || status === 'failed') && exitCause === null) {
    faults.add(`The status is ${status}, and nothing says why.`);
  }
  return faults.answer();
}

function clock({ startedAt, endedAt, measured }: Manifest): RuleAnswer {
  const rule = 'the wall clock went as the monotonic one';
  if (endedAt === null || measured === null) {
    return notChecked('6.2', rule, 'The run has no end to compare.');
  }
  const faults = new Faults('6.2', rule);
  const { clockStepMs: steppedMs } = measured;
  if (steppedMs !== undefined) {
    if (Math.abs(steppedMs) >= clockStepMs) {
      faults.add(`The wall clock ${steppedMs < 0 ? 'lost' : 'gained'} ${formatDuration(Math.abs(steppedMs))}.`);
    }
    return faults.answer('noted');
  }
  const aheadMs = Date.parse(endedAt) - Date.parse(startedAt) - measured.endMs;
  if (aheadMs < -clockStepMs) {
    faults.add(`The wall clock stepped back by ${formatDuration(-aheadMs)} during the run.`);
  } else if (aheadMs > longestAroundMs) {
    faults.add(`The wall clock stepped ahead, by up to ${formatDuration(aheadMs)}, or the host slept.`);
  }
  // Stamps are of the monotonic clock, so they stand; validity says what it means for the run.
  return faults.answer('noted');
}

/** Credentials in a URL, and arguments whose value is a secret. */
function hidden(manifest: Manifest): RuleAnswer {
  const faults = new Faults('8.4', 'headers, tokens and credentials in URLs are masked');
  const masked = maskArguments(manifest.argv);
  for (const [index, argument] of manifest.argv.entries()) {
    if (argument !== masked[index]) {
      const option = /^--[\w-]+(?==)/.exec(argument)?.[0] ?? manifest.argv[index - 1] ?? '';
      faults.add(`manifest.json: argv holds the value of ${option.startsWith('-') ? option : 'a secret'}.`);
    }
  }
  if (/\/\/(?!\*\*\*@)[^/@\s"]+:[^/@\s"]+@/.test(JSON.stringify(manifest))) {
    faults.add('manifest.json: a URL holds credentials.');
  }
  return faults.answer();
}

function profileFile({ manifest, profileText, detectorIds }: ManifestFacts): RuleAnswer {
  const rule = 'profile.resolved.yaml is the profile of the manifest';
  if (profileText === null) {
    return notChecked('8.1', rule, 'profile.resolved.yaml is missing.');
  }
  if (isWatched(manifest)) {
    return notChecked('8.1', rule, "A watched run's profile only describes what was done.");
  }
  if (manifest.corpus.recipe === undefined && /[^a-z0-9-]/.test(manifest.profile.corpus)) {
    return notChecked('8.1', rule, 'Its corpus was a file, which an older bench wrote where the name belongs.');
  }
  const faults = new Faults('8.1', rule);
  try {
    const parsed = parseProfile(profileText, 'profile.resolved.yaml', detectorIds);
    if (canonicalJson(parsed) !== canonicalJson(manifest.profile)) {
      faults.add('profile.resolved.yaml and manifest.json hold two different profiles.');
    }
  } catch (error: unknown) {
    faults.add(messageOf(error));
  }
  return faults.answer();
}

function identity({ manifest, isMigrated }: ManifestFacts): RuleAnswer {
  const rule = 'the profile hash is that of the profile and the corpus';
  if (isMigrated) {
    return notChecked(
      '3.4',
      rule,
      'It is the hash that the run had: the profile has got fields since, or names in it were replaced.',
    );
  }
  const faults = new Faults('3.4', rule);
  const hash = profileHash(manifest.profile, manifest.corpus.digest);
  if (hash !== manifest.profileHash) {
    faults.add(`profileHash is ${manifest.profileHash.slice(0, 12)}, the profile gives ${hash.slice(0, 12)}.`);
  }
  return faults.answer();
}

/** Another text is no fault: it tells under which rules the run is to be read. */
function protocolText({ manifest, protocol }: ManifestFacts): RuleAnswer {
  const rule = 'the run was made under the text of the rules that it is held against';
  const was = manifest.protocol;
  if (was == null || protocol === null) {
    return notChecked('13.2', rule, `${was == null ? 'The manifest' : 'This harness'} names no text of the rules.`);
  }
  const faults = new Faults('13.2', rule);
  if (was.sha256 !== protocol.sha256) {
    const told = ({ version, sha256 }: ProtocolText): string => `${version} (${sha256.slice(0, 12)})`;
    faults.add(`It was made under PROTOCOL ${told(was)}, and this is ${told(protocol)}.`);
  }
  return faults.answer('noted');
}
