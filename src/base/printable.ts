// Control characters move the cursor, name the window or hide a line; bidirectional ones reorder what stands beside them.
const unsafe = '[\\p{Cc}\\u061c\\u200e\\u200f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ufeff\\ufff9-\\ufffb]';
/** Bold, dim, red, green, yellow, and their ends: all that this program writes. */
const ownColours = '\\u001b\\[(?:1|2|22|31|32|33|39)m';
const found = new RegExp(`${ownColours}|(?![\\n\\t])${unsafe}`, 'gu');

/**
 * A text for a terminal, which may quote a server: what a terminal would obey is shown as `\u001b`, also the way in
 * which JSON writes it. `keepsColours`: our own colours stay.
 */
export function printable(text: string, keepsColours = false): string {
  return text.replace(found, (match) =>
    match.length > 1 && keepsColours
      ? match
      : match.replace(/^./su, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
