// Control characters break SVG; bidirectional overrides let a server's text rewrite its neighbours.
const unsafeCharacters = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]+/gu;
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * A text from outside on one line, made harmless to read and cut at `maxLength` characters.
 * It is not escaped: that is for whoever writes it into HTML.
 */
export function plainText(text: string, maxLength = 2000): string {
  const clean = text.replace(unsafeCharacters, ' ').replace(/\p{Cs}/gu, '\ufffd');
  const characters = clean.length > maxLength ? Array.from(clean) : null;
  return characters === null || characters.length <= maxLength
    ? clean
    : `${characters.slice(0, maxLength - 1).join('')}…`;
}

/** A text for HTML content or a quoted attribute; whatever a server sent stays text. */
export function escapeHtml(text: string): string {
  return plainText(text).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
