import { nearestName } from '../../base/by-id.ts';
import { BenchError } from '../../base/errors.ts';
import type { MediaKind } from '../import/folder.ts';

export type Quantity = 'seconds' | 'bytes' | 'tokens';

/** Which columns of a table are read, and as what. */
export type ColumnChoice =
  | { kind: 'audio' | 'text'; quantity: Quantity; column: string; factor: number }
  | { kind: 'images'; width: string; height: string; bytes: string | null };

interface Meaning {
  quantity: Quantity | 'width' | 'height';
  /** What a value is multiplied by: milliseconds become seconds. */
  factor: number;
}

/** `Request.bodyBytes` to `request_body_bytes`. */
function plainName(name: string): string {
  return name
    .trim()
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
}

/**
 * In order of preference: what says that it is audio or a request comes before what may be the time or the size of
 * a reply, as `duration` and `size` are in the logs of some proxies.
 */
const meanings: readonly (readonly [pattern: RegExp, meaning: Meaning])[] = [
  [/(^|_)width$/, { quantity: 'width', factor: 1 }],
  [/(^|_)height$/, { quantity: 'height', factor: 1 }],
  [/audio.*(_ms|millis(econds)?)$/, { quantity: 'seconds', factor: 0.001 }],
  [/audio.*(seconds|duration|_s|length)$/, { quantity: 'seconds', factor: 1 }],
  [/(prompt|input)_tokens$/, { quantity: 'tokens', factor: 1 }],
  [/(request|content|body)_(length|bytes|size)$|bytes_(read|in|received)$/, { quantity: 'bytes', factor: 1 }],
  [/(^|_)duration_(ms|millis(econds)?)$|^(ms|milliseconds)$/, { quantity: 'seconds', factor: 0.001 }],
  [/(^|_)(seconds|duration(_s|_seconds)?|length_s)$/, { quantity: 'seconds', factor: 1 }],
  [/(^|_)tokens$/, { quantity: 'tokens', factor: 1 }],
  [/(^|_)(bytes|size)$|^(file_)?size_bytes$/, { quantity: 'bytes', factor: 1 }],
];

const rankOf = (name: string): number => meanings.findIndex(([pattern]) => pattern.test(plainName(name)));
const meaningOf = (name: string): Meaning | null => meanings[rankOf(name)]?.[1] ?? null;

const kindOfQuantity: Readonly<Record<Quantity, 'audio' | 'text'>> = {
  seconds: 'audio',
  bytes: 'audio',
  tokens: 'text',
};

function choiceOf(column: string): ColumnChoice | null {
  const meaning = meaningOf(column);
  if (meaning === null || meaning.quantity === 'width' || meaning.quantity === 'height') {
    return null;
  }
  const { quantity, factor } = meaning;
  return { kind: kindOfQuantity[quantity], quantity, column, factor };
}

function imageChoice(names: readonly string[]): ColumnChoice | null {
  const find = (quantity: Meaning['quantity']): string | null =>
    names.find((name) => meaningOf(name)?.quantity === quantity) ?? null;
  const width = find('width');
  const height = find('height');
  return width === null || height === null ? null : { kind: 'images', width, height, bytes: find('bytes') };
}

function namedChoice(names: readonly string[], wanted: string, place: string): ColumnChoice {
  if (!names.includes(wanted)) {
    const near = nearestName(wanted, names);
    throw new BenchError('USAGE', `${place} has no column "${wanted}".`, {
      hint: near === null ? `It has: ${names.join(', ')}.` : `Did you mean "${near}"?`,
    });
  }
  return choiceOf(wanted) ?? { kind: 'audio', quantity: 'bytes', column: wanted, factor: 1 };
}

/**
 * The columns to read, or null if no name says what it holds. `wanted` is the user's own choice, taken as bytes
 * unless its name says otherwise. Throws USAGE if there is no such column.
 */
export function chooseColumns(
  names: readonly string[],
  { column, kind }: { column: string | null; kind: MediaKind | null },
  place: string,
): ColumnChoice | null {
  if (column !== null) {
    return namedChoice(names, column, place);
  }
  const images = imageChoice(names);
  if (images !== null && (kind ?? 'images') === 'images') {
    return images;
  }
  const ranked = names
    .filter((name) => rankOf(name) >= 0)
    .sort((a, b) => rankOf(a) - rankOf(b))
    .flatMap((name) => choiceOf(name) ?? []);
  return ranked.find((choice) => kind === null || choice.kind === kind) ?? null;
}

/** `"seconds" as seconds of audio`: said to the user, who may have meant another one. */
export function choiceText(choice: ColumnChoice): string {
  if (choice.kind === 'images') {
    const bytes = choice.bytes === null ? '' : ` and "${choice.bytes}" as bytes`;
    return `"${choice.width}" and "${choice.height}" as pixels${bytes}`;
  }
  const meant = { seconds: 'seconds of audio', bytes: 'bytes', tokens: 'tokens of text' }[choice.quantity];
  return `"${choice.column}" as ${choice.factor === 1 ? meant : 'milliseconds of audio'}`;
}
