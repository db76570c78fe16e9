import { expect, it } from 'vitest';
import { jsonPointerPattern, pointedAt } from './json-pointer.ts';

// The document of RFC 6901, 5, and what its pointers find there.
const document = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'c%d': 2, 'm~n': 8, ' ': 7, 'k"l': 6, '~1': 9 };

it.each([
  ['', document],
  ['/foo', ['bar', 'baz']],
  ['/foo/0', 'bar'],
  ['/', 0],
  ['/a~1b', 1],
  ['/c%d', 2],
  ['/m~0n', 8],
  ['/ ', 7],
  ['/k"l', 6],
  ['/~01', 9],
  ['/foo/-', undefined],
  ['/foo/01', undefined],
  ['/foo/2', undefined],
  ['/foo/length', undefined],
  ['/toString', undefined],
  ['/foo/0/0', undefined],
])('finds what %j points at', (pointer, found) => {
  expect(pointer).toMatch(jsonPointerPattern);
  expect(pointedAt(document, pointer)).toEqual(found);
});

it.each(['foo', '/a~b', '/a~2', '#/foo', '~'])('knows that %j is no pointer', (pointer) => {
  expect(pointer).not.toMatch(jsonPointerPattern);
});
