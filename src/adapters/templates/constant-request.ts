import { BenchError } from '../../base/errors.ts';
import type { AdapterOptions } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import { holdsItem, namesFor } from './placeholders.ts';
import type { TemplatePart } from './template-schema.ts';

/** What a template of any format has for this question. */
export interface CheckedTemplate {
  path: string;
  headers?: Readonly<Record<string, string>> | undefined;
  body?: string;
  parts?: readonly TemplatePart[];
  constant?: true | undefined;
}

/** `{prompt}`, `${prompt}`, `<prompt>` and `$PROMPT`, as other tools write what is to be filled in. */
const slips = /\$?(?<!\{)\{\s*[A-Za-z_]\w*\s*\}(?!\})|<[A-Za-z_]\w*>|\$[A-Za-z_]\w*/;

function textsOf({ path, headers, body, parts }: CheckedTemplate): readonly string[] {
  const ofParts = (parts ?? []).flatMap((part) => ('value' in part ? [part.value] : [part.fileName ?? '']));
  return [...(body === undefined ? [] : [body]), ...ofParts, path, ...Object.values(headers ?? {})];
}

function changes(template: CheckedTemplate): boolean {
  return (template.parts ?? []).some((part) => 'file' in part) || textsOf(template).some(holdsItem);
}

// A template is asked for every request, and answers the same each time.
const known = new WeakSet<CheckedTemplate>();

/**
 * A template that holds nothing of the item sends the same bytes again and again, and all looks well. It is USAGE
 * unless it says `constant: true`.
 */
export function refuseConstant(template: CheckedTemplate, item: CorpusItem, options: AdapterOptions): void {
  if (known.has(template)) {
    return;
  }
  if (template.constant !== true && !changes(template)) {
    const fileName = options.template?.fileName ?? 'the template';
    const names = namesFor(item.mediaType);
    const slip = textsOf(template)
      .map((text) => slips.exec(text)?.[0])
      .find((found) => found !== undefined);
    const looks = slip === undefined ? '' : `, and "${slip}" is sent as it stands (did you mean {{${names[0]}}}?)`;
    const all = names.map((name) => `{{${name}}}`).join(', ');
    throw new BenchError(
      'USAGE',
      `${fileName} would send the same bytes every time: it has no placeholder of the item${looks}.`,
      { hint: `For ${item.mediaType} there are ${all}; to send the same bytes on purpose, add "constant: true".` },
    );
  }
  known.add(template);
}
