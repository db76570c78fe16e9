import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, plainText } from './escape-html.ts';

describe('escaped text', () => {
  it.each([
    { text: 'front & back', html: 'front &amp; back', why: 'an ampersand is an entity' },
    { text: '<script>x</script>', html: '&lt;script&gt;x&lt;/script&gt;', why: 'a tag stays text' },
    { text: `" onload='x'`, html: '&quot; onload=&#39;x&#39;', why: 'no attribute can be left' },
    { text: 'a\u0000b\nc', html: 'a b c', why: 'control characters are a space' },
    { text: 'a\u202egpj', html: 'a gpj', why: 'no text turns its neighbours around' },
    { text: '\ud800x', html: '\ufffdx', why: 'half a surrogate pair is not writable as UTF-8' },
  ])('$why', ({ text, html }) => {
    expect(escapeHtml(text)).toBe(html);
  });

  it('never leaves a character that could end a text or an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
      }),
    );
  });

  it('is cut at its length with an ellipsis', () => {
    expect(plainText('abcdef', 4)).toBe('abc…');
    expect(plainText('abcd', 4)).toBe('abcd');
  });
});
