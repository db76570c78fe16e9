import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseJsonObject, readJsonText } from '../../json-body.ts';
import { sendJson } from '../../reply.ts';
import { RequestError } from '../../upload.ts';
import type { ModelCacheState } from './model-cache-state.ts';

const mostInFlight = 64;

interface Question {
  model: string;
  prompt: string;
}

function textOf(content: unknown): string {
  if (typeof content === 'string') {
    return content;
  }
  const parts: readonly unknown[] = Array.isArray(content) ? content : [];
  return parts
    .map((part) => (part as { text?: unknown } | null)?.text)
    .filter((text) => typeof text === 'string')
    .join('\n');
}

/** The last message of a chat. Throws `RequestError` 400 if there is none. */
export function parseChat(text: string): Question {
  const { model, messages: asked } = parseJsonObject(text);
  const messages: readonly unknown[] = Array.isArray(asked) ? asked : [];
  const last = messages.at(-1) as { content?: unknown } | null | undefined;
  const prompt = textOf(last?.content);
  if (prompt === '') {
    throw new RequestError(400, 'no_messages', 'The body has no "messages" with a text in the last one.');
  }
  return { model: typeof model === 'string' ? model : 'neighbour', prompt };
}

/** `POST /v1/chat/completions` of the neighbour on the card. Throws `RequestError` for every reply that is no answer. */
export async function handleChat(
  state: ModelCacheState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (state.chatsInFlight >= mostInFlight) {
    throw new RequestError(503, 'queue_full', `${mostInFlight} chats are in flight already.`);
  }
  state.chatsInFlight += 1;
  try {
    const { model, prompt } = parseChat(await readJsonText(request));
    const content = await state.neighbour.ask(prompt);
    sendJson(response, 200, {
      object: 'chat.completion',
      model,
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
    });
  } finally {
    state.chatsInFlight -= 1;
  }
}
