import type { CallAdapter, ReplyCheck, ReplyView } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import type { AnswerFault } from './answers/answer-check.ts';
import { objectOf, readJsonReply } from './answers/json-reply.ts';
import { judgedReply, unreadReply } from './answers/judged-reply.ts';
import { endingFault, leastStdout, type ProgramResult, stdoutFault } from './answers/program-output.ts';
import { jsonRequest } from './wire/json-request.ts';

/** The most that such servers take; a snippet of ours ends earlier, unless the machine is short of memory. */
const timeoutSeconds = 30;

function resultIn(value: unknown): ProgramResult | NonNullable<AnswerFault> {
  const { stdout, stderr, exit_code: exitCode, timed_out: timedOut } = objectOf(value) ?? {};
  if (typeof stdout !== 'string') {
    return { code: 'no_stdout', detail: 'The reply has no field "stdout" with a string.' };
  }
  if (typeof exitCode !== 'number') {
    return { code: 'no_exit_code', detail: 'The reply has no field "exit_code" with a number.' };
  }
  return { stdout, stderr: typeof stderr === 'string' ? stderr : '', exitCode, hasTimedOut: timedOut === true };
}

/** A server that does not cut the output sends more than is kept; that is no failure, but nothing is proven. */
function isFloodInFull(reply: ReplyView, item: CorpusItem): boolean {
  return reply.truncated && (item.traits['stdoutBytes'] ?? 0) > reply.body.length / 2;
}

/** Prints more than a sandbox is bound to pass on. */
function isFlood(item: CorpusItem): boolean {
  return (item.traits['stdoutBytes'] ?? 0) > leastStdout;
}

/** A limit on each program may refuse one that asks for much; a harmless one only fails where the machine starves. */
function isRefusal(ending: AnswerFault, item: CorpusItem): boolean {
  return ending?.code === 'memory_error' && (item.traits['allocateBytes'] ?? 0) > 0;
}

export const codeExecute: CallAdapter = {
  kind: 'call',
  id: 'code-execute',
  title: 'Code sandbox: POST /execute, JSON',
  accepts: ['text/x-python'],

  request(item, options) {
    return jsonRequest(options.path ?? '/execute', [
      '{"code":"',
      { item, encoding: 'json' },
      `","timeout":${timeoutSeconds}}`,
    ]);
  },

  judge(reply, item): ReplyCheck {
    if (isFloodInFull(reply, item)) {
      return judgedReply(reply, { check: 'none', identity: null, fault: null });
    }
    const read = readJsonReply(reply);
    const result = 'fault' in read ? read.fault : resultIn(read.value);
    if ('code' in result) {
      return unreadReply(reply, result);
    }
    const { exitCode } = item.truth;
    const ending = endingFault(result, exitCode === undefined ? null : Number(exitCode));
    // A sandbox that caps the output kills a flood at its cap: rightly, if what came until then is right.
    const mayBeCapped = ending?.code === 'killed' && isFlood(item);
    // Computing what it should print takes as long as the program, so it is only done where that decides.
    const stdout = ending === null || mayBeCapped ? item.truth['stdout'] : undefined;
    if (stdout === undefined) {
      const fault = isRefusal(ending, item) ? null : ending;
      return judgedReply(reply, { check: 'consistency', identity: null, fault });
    }
    const stdoutBytes = item.traits['stdoutBytes'] ?? stdout.length;
    const wrong = stdoutFault(result.stdout, { stdout, stdoutBytes });
    const fault = wrong === null ? null : (ending ?? wrong);
    return judgedReply(reply, { check: 'answer', identity: result.stdout.trimEnd(), fault });
  },
};
