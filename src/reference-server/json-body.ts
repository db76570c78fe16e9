import type { IncomingMessage } from 'node:http';
import { messageOf } from '../base/errors.ts';
import { announcedBytes, RequestError } from './upload.ts';

/** Far above any program that a person writes. */
const mostBodyBytes = 1024 ** 2;
const deepestNesting = 32;

function tooLarge(): RequestError {
  return new RequestError(413, 'body_too_large', `The body is larger than ${mostBodyBytes / 1024} KiB.`);
}

async function collect(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return await new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBodyBytes) {
        // What came so far is of no use to anybody; the front reads and drops the rest.
        request.removeAllListeners('data');
        chunks.length = 0;
        reject(tooLarge());
        return;
      }
      chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
    request.once('close', () => reject(new Error('the connection was closed')));
  });
}

/** The body as text; throws `RequestError` where it is no JSON by its type, too large, cut short or no UTF-8. */
export async function readJsonText(request: IncomingMessage): Promise<string> {
  // A page in a browser can send a form or a text to any address, but not JSON.
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new RequestError(415, 'not_json', 'Send the content type application/json.');
  }
  if ((announcedBytes(request) ?? 0) > mostBodyBytes) {
    throw tooLarge();
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await collect(request));
  } catch (error: unknown) {
    throw error instanceof RequestError
      ? error
      : new RequestError(400, 'invalid_body', `The body cannot be read: ${messageOf(error)}.`);
  }
}

/** Most open brackets at one place, those in strings left out. Told before the text is parsed. */
export function nestingOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (isInString) {
      at += character === '\\' ? 1 : 0;
      isInString = character !== '"';
    } else if (character === '"') {
      isInString = true;
    } else if (character === '[' || character === '{') {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (character === ']' || character === '}') {
      depth -= 1;
    }
  }
  return deepest;
}

/** The body as an object; throws `RequestError` with 400 on anything else, and on nesting that is made to cost. */
export function parseJsonObject(json: string): Readonly<Record<string, unknown>> {
  if (nestingOf(json) > deepestNesting) {
    throw new RequestError(400, 'json_too_deep', `The JSON is nested deeper than ${deepestNesting} levels.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new RequestError(400, 'invalid_json', 'The body is no JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RequestError(400, 'invalid_json', 'The body is no JSON object.');
  }
  return value as Readonly<Record<string, unknown>>;
}
