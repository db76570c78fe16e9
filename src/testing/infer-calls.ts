import type { TrialReply, TrialServer } from './trials/trial.ts';

export const codeWord = 'lamp-tree-moon';

/** Told once and asked for at the end; `number` makes it a prompt of its own. */
export function promptOf(number: number, words = 0): string {
  return `Call ${number}. ${'word '.repeat(words)}The code word is ${codeWord}. What is the code word? The code word is`;
}

/** One call; a 200 that does not know the code word is no answer. */
export async function infer(server: TrialServer, prompt: string): Promise<TrialReply> {
  const reply = await server.post('/v1/infer', 'application/json', Buffer.from(JSON.stringify({ prompt })));
  if (reply.status === 200) {
    const { predictions } = JSON.parse(reply.body) as { predictions: { token: string }[] };
    if (predictions[0]?.token !== codeWord) {
      throw new Error(`the first token is "${predictions[0]?.token}", not the code word`);
    }
  }
  return reply;
}

/** As `infer`, and anything but a 200 rejects. */
export async function inferWell(server: TrialServer, prompt: string): Promise<TrialReply> {
  const reply = await infer(server, prompt);
  if (reply.status !== 200) {
    throw new Error(`a call was answered ${reply.status}: ${reply.body.slice(0, 200)}`);
  }
  return reply;
}

/** So many calls at once, each with a prompt of its own. */
export function inferAtOnce(server: TrialServer, count: number): Promise<TrialReply[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => inferWell(server, promptOf(index))));
}
