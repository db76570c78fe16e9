import { BenchError } from '../../base/errors.ts';
import { formatDuration } from '../../base/units.ts';
import { native } from '../../engines/native/native.ts';
import type { DoctorRow } from '../../phases/doctor/row.ts';
import { sendTrial, smallestItem } from '../../phases/doctor/trial.ts';
import { type TrialAccount, type TrialRequest, trialAccount, trialRows } from '../../phases/doctor/trial-rows.ts';
import { serverKinds } from '../../phases/init/kinds.ts';
import { assertReachable } from '../../targets/socket/reachability.ts';
import { refuseRemote } from '../choose-target.ts';
import { prepareProfile } from '../prepare-profile.ts';
import { type CallOptions, parseAdapterOptions, parseHeaders, readAuthorities } from '../wire-options.ts';

export interface TrialOptions extends CallOptions {
  corpus?: string;
  adapter?: string;
  header: readonly string[];
  timeout?: number;
  allowRemote: boolean;
}

/** A request that is made up and not sent. */
export interface PreparedTrial extends TrialRequest {
  tlsAuthorities: string | null;
}

const usualProfile = 'longform-sustained';
const usualTimeoutMs = 60_000;
const unreachedMs = 5000;

/** Throws whatever a run of this profile would refuse before it sends anything. */
export async function prepareTrial(
  profileName: string | null,
  url: URL | null,
  options: TrialOptions,
): Promise<PreparedTrial> {
  if (url === null) {
    throw new BenchError('USAGE', '--try sends a request, and no --target says where.', {
      hint: 'For example bench doctor --target http://127.0.0.1:8000 --try.',
    });
  }
  refuseRemote(url, options.allowRemote);
  // A wire format that a user names alone stands for what such a server is usually asked.
  const kind = profileName === null ? serverKinds.find(({ adapter }) => adapter === options.adapter) : undefined;
  const corpus = options.corpus ?? kind?.corpus ?? null;
  const prepared = await prepareProfile(profileName ?? kind?.profile ?? usualProfile, {
    ...(corpus === null ? {} : { corpus }),
    ...(options.adapter === undefined ? {} : { adapter: options.adapter }),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    scale: 1,
    engine: 'auto',
  });
  const { adapter } = prepared;
  const item = smallestItem(prepared.corpus.items);
  if (adapter.kind !== 'call' || item === null) {
    throw new BenchError('USAGE', `--try sends a request, and the targets of ${adapter.id} fetch theirs from us.`, {
      hint: 'Leave --try out; a short run shows whether they do: bench run … --scale 0.1.',
    });
  }
  const stage = prepared.profile.stages.find(({ load }) => load !== null);
  const trial: PreparedTrial = {
    url,
    adapter,
    adapterOptions: parseAdapterOptions(options, false, 1),
    item,
    corpus: prepared.corpus.name,
    timeoutMs: stage?.timeoutMs ?? usualTimeoutMs,
    headers: parseHeaders(options.header),
    tlsAuthorities: readAuthorities(options),
  };
  // A template that cannot be read is told before anything else is looked at.
  adapter.request(item, trial.adapterOptions);
  return trial;
}

/** Sends it; where no connection can be made, nobody has to wait as long as for an answer. */
export async function carryOutTrial(
  prepared: PreparedTrial,
  say: (line: string) => void,
): Promise<{ rows: readonly DoctorRow[]; account: TrialAccount }> {
  const isReached = await assertReachable(prepared.url).then(
    () => true,
    () => false,
  );
  const timeoutMs = isReached ? prepared.timeoutMs : Math.min(prepared.timeoutMs, unreachedMs);
  say(`sending one request to ${prepared.url.origin}; it may take ${formatDuration(timeoutMs)}`);
  const account = trialAccount(prepared, await sendTrial({ ...prepared, timeoutMs, engine: native }));
  return { rows: trialRows(account), account };
}
