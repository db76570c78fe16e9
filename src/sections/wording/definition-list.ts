import { escapeHtml } from '../../base/escape-html.ts';
import type { Block } from '../../model/section.ts';

/** Names and their texts, side by side. */
export function definitionList(entries: readonly (readonly [name: string, text: string])[]): Block {
  const rows = entries.map(([name, text]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(text)}</dd>`);
  return { type: 'html', html: `<dl class="facts">${rows.join('')}</dl>` };
}
