import fc from 'fast-check';

/** What parsers stumble over: ends of texts and lines, words of objects, and numbers that are none. */
const pieces = [
  '',
  '\0',
  '\n',
  '\r\n',
  '\uFEFF',
  '\uD800',
  ' ',
  '\t',
  '"',
  "'",
  '\\',
  ',',
  ':',
  '=',
  '(',
  ')',
  '{',
  '}',
  '[]',
  '{}',
  '-',
  '0',
  '-1',
  '1e999',
  '9'.repeat(400),
  'NaN',
  'null',
  'true',
  'constructor',
  '__proto__',
  'toString',
];

const cut = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat({ max: 30 }),
  put: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 })),
});

/** One of these texts, with up to four places cut out and filled with something else. */
export function damaged(...texts: readonly string[]): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom(...texts), fc.array(cut, { maxLength: 4 })).map(([text, cuts]) =>
    cuts.reduce((rest, { at, length, put }) => {
      const from = Math.floor(at * rest.length);
      return `${rest.slice(0, from)}${put}${rest.slice(from + length)}`;
    }, text),
  );
}
