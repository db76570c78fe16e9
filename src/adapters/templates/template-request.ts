import type { AdapterOptions, WireRequest } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import { filledText } from './placeholders.ts';

interface TemplateHead {
  path: string;
  headers?: Readonly<Record<string, string>> | undefined;
}

export function templatePath({ path }: TemplateHead, item: CorpusItem, options: AdapterOptions): string {
  return options.path ?? filledText(path, { item, options, form: 'path' });
}

/** The template's headers beside those of the format. */
export function withHeaders(
  wire: WireRequest,
  { headers }: TemplateHead,
  item: CorpusItem,
  options: AdapterOptions,
): WireRequest {
  const filling = { item, options, form: 'header' } as const;
  const own = Object.entries(headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), filledText(value, filling)] as const,
  );
  return { ...wire, headers: { ...wire.headers, ...Object.fromEntries(own) } };
}
