import { describe, expect, it } from 'vitest';
import { choiceText, chooseColumns } from './columns.ts';

describe('chooseColumns', () => {
  it.each([
    { names: ['name', 'Bytes'], said: '"Bytes" as bytes', why: 'whatever the case' },
    { names: ['bytes', 'seconds'], said: '"seconds" as seconds of audio', why: 'lengths decide the work' },
    { names: ['audioDurationMs'], said: '"audioDurationMs" as milliseconds of audio', why: 'camel case' },
    {
      names: ['duration', 'size', 'bytes_read'],
      said: '"bytes_read" as bytes',
      why: 'duration is the time of the reply',
    },
    { names: ['request.content_length', 'duration'], said: '"request.content_length" as bytes', why: 'nested fields' },
    { names: ['completion_tokens', 'prompt_tokens'], said: '"prompt_tokens" as tokens of text', why: 'what is sent' },
    { names: ['height', 'width'], said: '"width" and "height" as pixels', why: 'any order' },
    {
      names: ['image_width', 'image_height', 'file_size'],
      said: '"image_width" and "image_height" as pixels and "file_size" as bytes',
      why: 'sides come before sizes',
    },
  ])('takes $said from $names: $why', ({ names, said }) => {
    const choice = chooseColumns(names, { column: null, kind: null }, 'x.csv');
    expect(choice === null ? null : choiceText(choice)).toBe(said);
  });

  it.each([
    { names: ['a', 'b'], why: 'no name says anything' },
    { names: ['width', 'status'], why: 'one side is no shape' },
    { names: ['body_bytes_sent'], why: 'that is the reply' },
  ])('takes nothing from $names: $why', ({ names }) => {
    expect(chooseColumns(names, { column: null, kind: null }, 'x.csv')).toBeNull();
  });

  it('takes what the user names, as bytes if its name says nothing', () => {
    const choice = chooseColumns(['bytes', 'rl'], { column: 'rl', kind: null }, 'x.csv');
    expect(choice).toMatchObject({ column: 'rl', quantity: 'bytes' });
  });

  it('takes the columns of the kind that the user names', () => {
    const names = ['width', 'height', 'seconds'];
    expect(chooseColumns(names, { column: null, kind: 'audio' }, 'x.csv')).toMatchObject({ column: 'seconds' });
  });

  it('suggests the column that was meant', () => {
    expect(() => chooseColumns(['bytes'], { column: 'byte', kind: null }, 'x.csv')).toThrowError(
      expect.objectContaining({ message: 'x.csv has no column "byte".', hint: 'Did you mean "bytes"?' }),
    );
  });
});
