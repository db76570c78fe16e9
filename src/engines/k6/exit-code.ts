/** k6's own table of exit codes (errext/exitcodes of k6 v2). */
const meanings: Readonly<Record<number, string>> = {
  97: 'the cloud run failed',
  98: 'the cloud run could not be followed',
  99: 'a threshold was crossed',
  100: 'setup() took too long',
  101: 'teardown() took too long',
  102: 'it took too long',
  103: 'it was stopped over its REST interface',
  104: 'it does not accept its configuration',
  105: 'it was interrupted',
  106: 'its REST interface could not be opened',
  107: 'its script threw while it was loaded',
  108: 'its script gave up',
  109: 'it panicked',
  110: 'its script marked the run as failed',
};
const interrupted = 105;

export type K6Ending = { how: 'done' } | { how: 'interrupted' } | { how: 'failed'; why: string };

/** `signal` is that which ended the process; `wasAsked`: we had interrupted it. */
export function endingOf(exitCode: number | null, signal: string | null, wasAsked: boolean): K6Ending {
  if (exitCode === 0) {
    return { how: 'done' };
  }
  if (exitCode === interrupted || wasAsked) {
    return { how: 'interrupted' };
  }
  if (exitCode === null) {
    return { how: 'failed', why: `${signal ?? 'a signal'} ended it` };
  }
  return { how: 'failed', why: `${meanings[exitCode] ?? 'an unknown cause'} (exit ${exitCode})` };
}
