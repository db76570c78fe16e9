import { parseJsonObject } from '../../json-body.ts';
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

/** `{"code", "timeout" (0, 30] s, "language"}`; throws `RequestError` with 400 on anything else. */
export function parseExecuteRequest(json: string): ExecuteRequest {
  const { code, timeout = defaultTimeoutS, language = 'python' } = parseJsonObject(json);
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
