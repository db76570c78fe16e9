import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { folderWith } from '../../testing/media-folder.ts';
import { measureSource } from './source.ts';
import type { TableOptions } from './table.ts';

const options: TableOptions = { column: null, kind: null };
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) {
    rmSync(folder, { recursive: true });
  }
});

function fileWith(name: string, content: string | Uint8Array): string {
  const folder = folderWith({ [name]: content });
  folders.push(folder);
  return join(folder, name);
}

const logStart = '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000]';
const audio = (by: string, values: readonly number[]) => ({ kind: 'audio', by, values, sampleRate: null });

describe('measureSource of a table', () => {
  it.each([
    {
      why: 'a column by its name',
      name: 's.csv',
      text: 'name,bytes\na,4096\nb,12\n',
      sample: audio('bytes', [4096, 12]),
    },
    { why: 'a column without a name', name: 's.csv', text: '4096\n12\n', sample: audio('bytes', [4096, 12]) },
    {
      why: 'a byte order mark, blank lines and Windows line ends',
      name: 's.csv',
      text: '\uFEFFseconds\r\n\r\n1.5\r\n',
      sample: audio('seconds', [1.5]),
    },
    { why: 'semicolons', name: 's.csv', text: 'duration_ms;user\n1500;x\n', sample: audio('seconds', [1.5]) },
    { why: 'quoted names with commas', name: 's.csv', text: 'name,bytes\n"a, b",7\n', sample: audio('bytes', [7]) },
    { why: 'tokens', name: 's.csv', text: 'tokens\n100\n', sample: { kind: 'text', tokens: [100] } },
    {
      why: 'tabs and shapes',
      name: 's.tsv',
      text: 'width\theight\tbytes\n640\t480\t9000\n',
      sample: { kind: 'images', shapes: [{ width: 640, height: 480, bytes: 9000 }] },
    },
    {
      why: 'the request length behind the user agent, of requests that send something',
      name: 'access.log',
      text: [
        `${logStart} "POST /v1/audio HTTP/1.1" 200 512 "-" "python/3 1" 70001 0.100 [up] [] 10.1.1.1:80`,
        `${logStart} "GET /health HTTP/1.1" 200 2 "-" "curl" 310 0.001`,
        `${logStart} "PUT /x HTTP/1.1" 502 0 "-" "curl" 90002 0.001`,
        'torn li',
      ].join('\n'),
      sample: audio('bytes', [70_001, 90_002]),
    },
    {
      why: 'a named request length',
      name: 'access.log',
      text: `${logStart} "POST / HTTP/1.1" 200 5 rt=0.5 request_length=800`,
      sample: audio('bytes', [800]),
    },
    {
      why: 'the bytes read of a JSON log',
      name: 'log.jsonl',
      text: '{"request":{"method":"POST"},"bytes_read":"900","duration":0.5,"size":3}\n{"msg":"hello"}\n{"tor',
      sample: audio('bytes', [900]),
    },
  ])('reads $why', async ({ name, text, sample }) => {
    expect((await measureSource(fileWith(name, text), options)).sample).toEqual(sample);
  });

  it('says which number was taken and what was left out', async () => {
    const path = fileWith(
      'a.log',
      `${logStart} "POST / HTTP/1.1" 200 5 "" "" 70\n${logStart} "GET / HTTP/1.1" 200 5 "" "" 7\nx\n`,
    );
    expect((await measureSource(path, options)).notes).toEqual([
      `Taken from ${path}: "request_length" as bytes.`,
      'Requests that are neither POST, PUT nor PATCH, left out: 1.',
      'Lines of another form, passed over: 1; the first is line 3.',
    ]);
  });

  it('takes the replies where the user asks for them', async () => {
    const path = fileWith('a.log', `${logStart} "POST / HTTP/1.1" 200 512 "-" "curl"`);
    const { sample } = await measureSource(path, { ...options, column: 'body_bytes_sent' });
    expect(sample).toEqual(audio('bytes', [512]));
  });

  it.each([
    { why: 'no byte', text: '', message: / is empty\./ },
    { why: 'blank lines', text: '\n \n', message: / holds empty lines only\./ },
    { why: 'a header alone', text: 'bytes\n', message: / holds no rows\./ },
    { why: 'a word', text: 'bytes\n100\nabc\n', message: /:3: bytes "abc" is not a number above 0\./ },
    { why: 'a negative number', text: 'bytes\n-5\n', message: /:2: bytes "-5" is not a number above 0\./ },
    { why: 'zero', text: 'bytes\n0\n', message: /:2: bytes "0" is not/ },
    { why: 'a missing value', text: 'a,bytes\n1,\n', message: /:2: bytes is missing\./ },
    { why: 'a decimal comma', text: 'seconds;x\n1,5;2\n', message: /:2: seconds "1,5" is not/ },
    { why: 'columns without names', text: '1,2\n3,4\n', message: /:1: the 2 columns have no names\./ },
    { why: 'a row of another width', text: 'bytes,x\n1,2\n3\n', message: /:3: this row has another number of columns/ },
    { why: 'an open quote', text: 'bytes\n"1\n', message: /: this row is not valid CSV\./ },
    { why: 'names that say nothing', text: 'a,b\n1,2\n', message: / does not say bytes, .*it has: a, b\./ },
    { why: 'a JSON array', text: '[1,2]', message: /:1 begins a JSON array\./ },
    { why: 'a log of replies', text: `${logStart} "POST / HTTP/1.1" 200 5`, message: /it has: body_bytes_sent\./ },
    { why: 'a log of GETs', text: `${logStart} "GET / HTTP/1.1" 200 5 "" "" 9`, message: / holds no requests\./ },
    { why: 'one recording', text: new Uint8Array([0x66, 0x4c, 0x61, 0x43, 0]), message: /: the FLAC file is damaged/ },
  ])('refuses $why with file, place and remedy', async ({ text, message }) => {
    await expect(measureSource(fileWith('x.csv', text), options)).rejects.toThrowError(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringMatching(message) as string,
        hint: expect.stringMatching(/\.$/) as string,
      }),
    );
  });

  it('refuses what is not there', async () => {
    await expect(measureSource('/nowhere/x.csv', options)).rejects.toThrowError('/nowhere/x.csv does not exist.');
  });
});
