import { RequestError } from '../../upload.ts';

const languages = ['python', 'javascript'] as const;
export type Language = (typeof languages)[number];

export interface ExecuteRequest {
  code: string;
  /** Not scaled: a program's own waits are not either. */
  timeoutMs: number;
  language: Language;
}

const defaultTimeoutS = 10;
const longestTimeoutS = 30;
const deepestNesting = 32;

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

function objectOf(json: string): Readonly<Record<string, unknown>> {
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

/** `{"code", "timeout" (0, 30] s, "language"}`; throws `RequestError` with 400 on anything else. */
export function parseExecuteRequest(json: string): ExecuteRequest {
  const { code, timeout = defaultTimeoutS, language = 'python' } = objectOf(json);
  if (typeof code !== 'string' || code === '') {
    throw new RequestError(400, 'no_code', 'The field "code" must be a text of at least one character.');
  }
  if (typeof timeout !== 'number' || !(timeout > 0) || timeout > longestTimeoutS) {
    throw new RequestError(
      400,
      'invalid_timeout',
      `The field "timeout" must be above 0 and at most ${longestTimeoutS} seconds.`,
    );
  }
  const known = languages.find((one) => one === language);
  if (known === undefined) {
    throw new RequestError(400, 'unknown_language', `The field "language" must be one of ${languages.join(', ')}.`);
  }
  return { code, timeoutMs: timeout * 1000, language: known };
}
