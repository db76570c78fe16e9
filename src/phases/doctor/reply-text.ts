import { maskAddresses } from '../../base/secret-text.ts';

/** Shorter values would be found in ordinary words. */
const leastSecret = 6;
const shownCharacters = 200;
const sniffedBytes = 512;

const textOf = (value: unknown): string | null => (typeof value === 'string' && value.trim() !== '' ? value : null);
const fieldOf = (value: unknown, name: string): unknown =>
  value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[name] : undefined;

/** FastAPI names the field and what is wrong with it: `{loc: ["body", "model"], msg: "Field required"}`. */
function validationText(entry: unknown): string | null {
  const place = fieldOf(entry, 'loc');
  const text = textOf(fieldOf(entry, 'msg'));
  const field: unknown = Array.isArray(place) ? place.at(-1) : undefined;
  return text === null ? null : `${typeof field === 'string' ? `${field}: ` : ''}${text}`;
}

/** What an HTTP error says in words, where the servers that we know put it; null: it says nothing that can be read. */
export function serverWords(body: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return /^\s*</.test(body) ? null : textOf(body);
  }
  const detail = fieldOf(value, 'detail');
  const error = fieldOf(value, 'error');
  const [first] = Array.isArray(detail) ? (detail as readonly unknown[]) : [];
  return (
    textOf(value) ??
    textOf(fieldOf(error, 'message')) ??
    textOf(error) ??
    textOf(fieldOf(value, 'message')) ??
    textOf(detail) ??
    textOf(fieldOf(detail, 'message')) ??
    validationText(first)
  );
}

/** Header values, what follows their scheme, and the password of an address: a server may repeat a key that it refuses. */
export function secretsOf(url: URL, headers: Readonly<Record<string, string>>): readonly string[] {
  const password = decodeURIComponent(url.password);
  const basic = Buffer.from(`${decodeURIComponent(url.username)}:${password}`).toString('base64');
  return [...Object.values(headers).flatMap((value) => [value, value.replace(/^\S+\s+/, '')]), password, basic]
    .filter((value) => value.length >= leastSecret)
    .sort((a, b) => b.length - a.length);
}

/** A server's text on one line that a terminal can show: no escapes, no control characters, none of our secrets. */
export function shownText(text: string, secrets: readonly string[]): string {
  const masked = secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
  const plain = maskAddresses(masked)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes of terminals begin with one.
    .replaceAll(/\u001b\[[0-?]*[ -/]*[@-~]/g, '')
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/\p{C}/gu, '')
    .trim();
  const characters = [...plain];
  return characters.length <= shownCharacters ? plain : `${characters.slice(0, shownCharacters).join('')}…`;
}

/** True for sound and pictures, of which no character is to be shown. */
export function isBinary(contentType: string, body: Buffer): boolean {
  return contentType === ''
    ? body.subarray(0, sniffedBytes).includes(0)
    : /^(?:audio\/|image\/|video\/|application\/octet-stream)/i.test(contentType);
}

/** A page of HTML is what a front answers in the place of the server. */
export function isPage(contentType: string, body: string): boolean {
  return /^text\/html/i.test(contentType) || /^\s*<(?:!doctype html|html)/i.test(body.slice(0, sniffedBytes));
}
