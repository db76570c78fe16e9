/** Whether a text that a file holds may name one thing in a folder: no separator, no way up, no end of a path. */
export function isPathPart(text: unknown): text is string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
  return typeof text === 'string' && /^(?!\.{1,2}$)[^/\\\u0000-\u001f]{1,255}$/.test(text);
}
