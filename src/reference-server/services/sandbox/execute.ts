import type { IncomingMessage, ServerResponse } from 'node:http';
import { readJsonText } from '../../json-body.ts';
import { sendJson } from '../../reply.ts';
import { RequestError } from '../../upload.ts';
import { collectBytes } from '../images/decode-image.ts';
import { type ExecuteRequest, parseExecuteRequest } from './execute-request.ts';
import { type ProgramEnd, runProgram } from './program.ts';
import type { SandboxState } from './sandbox-state.ts';

const retryAfterS = '1';

/** What runs here runs with our rights: no page in a browser and no other machine may send it. */
function refuseStranger(request: IncomingMessage, takesRemote: boolean): void {
  const isLocal = /^(::ffff:)?127\.|^::1$/.test(request.socket.remoteAddress ?? '');
  if (request.headers.origin !== undefined || (!isLocal && !takesRemote)) {
    throw new RequestError(403, 'not_from_here', 'Programs are taken from this machine only, and from no browser.');
  }
}

function refuseFull(state: SandboxState, response: ServerResponse): never {
  state.refused.add({ reason: 'slots' });
  response.setHeader('Retry-After', retryAfterS);
  throw new RequestError(429, 'too_many_programs', `${state.slots.taken()} programs run already.`);
}

/** The way a program ended in a word: the kernel's kill is told from ours. */
function endWord({ reason, exitCode }: ProgramEnd): string {
  if (reason !== 'exited') {
    return reason;
  }
  return exitCode === 0 ? 'succeeded' : exitCode < 0 ? 'killed' : 'failed';
}

async function run(state: SandboxState, asked: ExecuteRequest, response: ServerResponse): Promise<ProgramEnd> {
  const { childBytes, outputCapBytes } = state.settings;
  const interpreter = await state.runtimes.interpreter(asked.language);
  // Taken last and without a pause before the start: a slow upload must not hold a slot.
  const giveBack = state.slots.take() ?? refuseFull(state, response);
  const { code, timeoutMs } = asked;
  const program = runProgram({ interpreter, code, timeoutMs, childBytes, outputCapBytes });
  const leave = (): void => program.kill('client_gone');
  state.programs.add(program);
  response.once('close', leave);
  if (response.destroyed) {
    leave();
  }
  try {
    const end = await program.ended;
    state.ended.add({ end: endWord(end) });
    return end;
  } finally {
    response.removeListener('close', leave);
    state.programs.delete(program);
    giveBack();
  }
}

/** `POST /execute`. A program that fails or is killed is still a 200, as in the incident. */
export async function handleExecute(
  state: SandboxState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  refuseStranger(request, state.settings.takesRemote);
  if (state.slots.isFull()) {
    refuseFull(state, response);
  }
  const asked = parseExecuteRequest(await readJsonText(request));
  const end = await run(state, asked, response);
  sendJson(response, 200, {
    stdout: end.stdout,
    stderr: end.stderr,
    exit_code: end.exitCode,
    timed_out: end.reason === 'timed_out',
  });
  // The incident's server let go of a flood at once; the collector would wait for the next program.
  collectBytes(end.heldBytes);
}
