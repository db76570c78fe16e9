import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitCommandLine } from './split-command-line.ts';

describe('splitCommandLine', () => {
  it.each([
    ['python3 server.py --port 8000', ['python3', 'server.py', '--port', '8000'], 'plain words'],
    ['  a \t b\n', ['a', 'b'], 'blanks of any kind'],
    [`a 'b c' "d e"`, ['a', 'b c', 'd e'], 'quotes hold blanks'],
    [`a ''`, ['a', ''], 'empty quotes are a word'],
    [`a b'c'"d"e`, ['a', 'bcde'], 'quotes may begin inside a word'],
    [String.raw`a b\ c \'`, ['a', 'b c', "'"], 'a backslash hides what follows'],
    [String.raw`a 'b\c'`, ['a', String.raw`b\c`], 'but not in single quotes'],
    [String.raw`a "b\"c\\d\n"`, ['a', String.raw`b"c\d\n`], 'and in double quotes only what it can hide'],
    [`sh -c 'a | b > c; $d'`, ['sh', '-c', 'a | b > c; $d'], 'a shell is used where the user writes it'],
    ['a --origins * --cost 5$', ['a', '--origins', '*', '--cost', '5$'], 'no globs; a lone dollar is text'],
    ['CUDA_VISIBLE_DEVICES=0 a b=c', ['env', 'CUDA_VISIBLE_DEVICES=0', 'a', 'b=c'], 'variables go through env'],
    ['a\\', ['a\\'], 'a backslash at the end has nothing to hide'],
  ])('%j', (text, words) => {
    expect(splitCommandLine(text)).toEqual(words);
  });

  it.each([
    ['', 'there is no command', 'nothing'],
    ['  ', 'there is no command', 'blanks'],
    ['A=1', 'there is no command', 'only a variable'],
    [`a 'b`, 'the quote at character 3 does not end', 'single'],
    [`a "b'`, 'the quote at character 3 does not end', 'double'],
    ['a | b', '"|" would need a shell', 'a pipe'],
    ['a > log', '">" would need a shell', 'a redirection'],
    ['a && b', '"&" would need a shell', 'a list'],
    ['a $HOME', '"$HOME" would need a shell', 'a variable'],
    ['a "x$B"', '"$B"" would need a shell', 'a variable in quotes'],
    ['a $(b)', '"$(b)" would need a shell', 'a substitution'],
  ])('refuses %j', (text, message) => {
    expect(() => splitCommandLine(text)).toThrow(message);
  });

  it('gives back any words that were quoted one by one', () => {
    const quote = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 6 }), (words) => {
        const command = ['server', ...words];
        expect(splitCommandLine(command.map(quote).join(' '))).toEqual(command);
      }),
    );
  });
});
