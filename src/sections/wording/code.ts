import { escapeHtml } from '../../base/escape-html.ts';

/** A text as HTML; commands stand between backticks. */
export function withCode(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}
