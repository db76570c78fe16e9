import { nearestName } from '../../base/by-id.ts';
import { sha256OfChunks } from '../../base/digest.ts';
import type { AdapterOptions, Segment } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';

/** Short ones stand anywhere; `text` and `base64` are the item's bytes, which only a body may hold. */
const shortNames = ['model', 'fileName', 'mediaType', 'sha256', 'durationSeconds'] as const;
const bodyNames = [...shortNames, 'text', 'base64'] as const;
type ShortName = (typeof shortNames)[number];

/** They differ from item to item; the others are the same in every request of a run. */
const itemNames: ReadonlySet<string> = new Set(['text', 'base64', 'fileName', 'sha256', 'durationSeconds']);

const pattern = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** How a value stands in its place; `header`: in one line of ASCII. */
export type ValueForm = 'plain' | 'json' | 'path' | 'header';

export interface Filling {
  item: CorpusItem;
  options: AdapterOptions;
  form: ValueForm;
}

// Hashing makes all bytes of the item once, so it is done once for each and not for each request.
const digests = new WeakMap<CorpusItem, string>();

function sha256Of(item: CorpusItem): string {
  const digest = item.sha256 ?? digests.get(item) ?? sha256OfChunks(item.chunks());
  digests.set(item, digest);
  return digest;
}

function shortValue(name: ShortName, { item, options, form }: Filling): string {
  switch (name) {
    case 'model':
      return options.model;
    case 'fileName':
      return item.fileName;
    case 'mediaType':
      return item.mediaType;
    case 'sha256':
      return sha256Of(item);
    case 'durationSeconds':
      // What is not sound has no duration.
      return String(item.traits['audioSeconds'] ?? (form === 'json' ? null : ''));
  }
}

function isShort(name: string): name is ShortName {
  return (shortNames as readonly string[]).includes(name);
}

/** What is wrong with the placeholders of a text; null = nothing. */
export function placeholderFault(text: string, where: 'short' | 'body'): string | null {
  const known: readonly string[] = where === 'body' ? bodyNames : shortNames;
  for (const [whole, name = ''] of text.matchAll(pattern)) {
    if (known.includes(name)) {
      continue;
    }
    const near = nearestName(name, known);
    const instead = near === null ? `known are ${known.join(', ')}` : `did you mean {{${near}}}?`;
    return `has the placeholder ${whole}, which is not known here (${instead})`;
  }
  return null;
}

/** Whether a text changes from item to item once it is filled in. */
export function holdsItem(text: string): boolean {
  return Array.from(text.matchAll(pattern), ([, name = '']) => name).some((name) => itemNames.has(name));
}

/** What can stand in a body for items of a media type, the likeliest first. */
export function namesFor(mediaType: string): readonly string[] {
  const [kind = ''] = mediaType.split('/');
  const content = kind === 'text' ? ['text', 'base64'] : ['base64'];
  const short = shortNames.filter((name) => name !== 'durationSeconds' || kind === 'audio');
  return [...content, ...short];
}

function* split(text: string): Generator<{ literal: string } | { name: string }> {
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    yield { literal: text.slice(at, match.index) };
    yield { name: match[1] ?? '' };
    at = match.index + match[0].length;
  }
  yield { literal: text.slice(at) };
}

function written(value: string, form: ValueForm): string {
  switch (form) {
    case 'plain':
      return value;
    case 'json':
      return JSON.stringify(value).slice(1, -1);
    case 'path':
      return encodeURIComponent(value);
    case 'header':
      return value.replaceAll(/[^\x20-\x7e]/gu, encodeURIComponent);
  }
}

/** A text with its short placeholders filled in. */
export function filledText(text: string, filling: Filling): string {
  return Array.from(split(text), (part) => {
    if ('literal' in part) {
      return part.literal;
    }
    return isShort(part.name) ? written(shortValue(part.name, filling), filling.form) : '';
  }).join('');
}

/** A body with all placeholders filled in; the item's bytes stay a segment that is made while it is sent. */
export function filledPieces(text: string, filling: Filling): (string | Segment)[] {
  const { item, form } = filling;
  return Array.from(split(text), (part): string | Segment => {
    if ('literal' in part) {
      return part.literal;
    }
    if (isShort(part.name)) {
      return written(shortValue(part.name, filling), form);
    }
    if (part.name === 'base64') {
      return { item, encoding: 'base64' };
    }
    return form === 'json' ? { item, encoding: 'json' } : { item };
  }).filter((piece) => piece !== '');
}

/** The JSON that a body becomes for some item, to see whether it is JSON at all. */
export function sampleOf(body: string): string {
  return body.replaceAll(pattern, (_, name: string) => (name === 'durationSeconds' ? '1' : 'x'));
}
