import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSseParser, isCutEvent, mostEventBytes } from './sse.ts';

type Event = readonly [string | null, string];

function eventsOf(chunks: readonly Uint8Array[]): Event[] {
  const events: Event[] = [];
  const parser = createSseParser((name, data) => events.push([name, data]));
  for (const chunk of chunks) {
    const reused = Uint8Array.from(chunk);
    parser.push(reused);
    reused.fill(0);
  }
  parser.end();
  return events;
}

/** The standard's algorithm over the whole text at once. */
function eventsOfText(text: string): Event[] {
  const events: Event[] = [];
  let name = '';
  let data: string[] = [];
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
  for (const line of lines.slice(0, -1)) {
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (line === '') {
      if (data.length > 0) {
        events.push([name === '' ? null : name, data.join('\n')]);
      }
      name = '';
      data = [];
    } else if (field === 'data') {
      data.push(value);
    } else if (field === 'event') {
      name = value;
    }
  }
  return events;
}

describe('server-sent events', () => {
  it.each([
    ['one event', 'data: a\n\n', [[null, 'a']]],
    ['an event with a name', 'event: x\ndata: a\n\n', [['x', 'a']]],
    [
      'a name that holds for one event only',
      'event: x\ndata: a\n\ndata: b\n\n',
      [
        ['x', 'a'],
        [null, 'b'],
      ],
    ],
    ['a name without data, which is no event', 'event: x\n\ndata: b\n\n', [[null, 'b']]],
    ['data over several lines', 'data: a\ndata:\ndata: b\n\n', [[null, 'a\n\nb']]],
    [
      'one space after the colon, and no more',
      'data:  a\n\ndata:b\n\n',
      [
        [null, ' a'],
        [null, 'b'],
      ],
    ],
    ['a field without a colon', 'data\n\n', [[null, '']]],
    ['lines that end in CR', 'data: a\rdata: b\r\r', [[null, 'a\nb']]],
    [
      'lines that end in CRLF',
      'data: a\r\n\r\ndata: b\r\n\r\n',
      [
        [null, 'a'],
        [null, 'b'],
      ],
    ],
    [
      'mixed ends of line',
      'data: a\r\n\ndata: b\n\rdata: c\r\r\n',
      [
        [null, 'a'],
        [null, 'b'],
        [null, 'c'],
      ],
    ],
    ['comments, as servers send to keep the connection', ': ping\n\n:\n\ndata: a\n: x\n\n', [[null, 'a']]],
    ['fields that mean nothing to us', 'id: 7\nretry: 10\nfoo: bar\ndata: a\n\n', [[null, 'a']]],
    ['a field whose name only begins alike', 'datax: b\nDATA: c\ndata: a\n\n', [[null, 'a']]],
    ['a byte order mark', '\ufeffdata: a\n\n', [[null, 'a']]],
    ['a mark that is not the first, which is part of the name', 'data: a\n\n\ufeffdata: b\n\n', [[null, 'a']]],
    ['two marks, of which one is text', '\ufeff\ufeffdata: b\n\n', []],
    ['characters of more than one byte', 'data: é € 😀\n\n', [[null, 'é € 😀']]],
    ['an event that lacks its blank line, which is incomplete', 'data: a\n\ndata: b\n', [[null, 'a']]],
    ['nothing', '', []],
  ] satisfies [string, string, Event[]][])('are read: %s', (_, text, events) => {
    expect(eventsOf([Buffer.from(text)])).toEqual(events);
    expect(eventsOf(Array.from(Buffer.from(text), (byte) => Uint8Array.of(byte)))).toEqual(events);
    expect(eventsOfText(text)).toEqual(events);
  });

  it('are the same for any split of the bytes', () => {
    const piece = fc.constantFrom(
      'data',
      'event',
      ':',
      ' ',
      '\n',
      '\r',
      '\r\n',
      'é',
      '😀',
      '\ufeff',
      'x',
      '\n\n',
      'data: y\n\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.array(fc.nat(80), { maxLength: 20 }), (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(''));
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const chunks = edges
          .slice(1)
          .map((edge, index) => bytes.subarray(edges[index], Math.max(edge, edges[index] ?? 0)));
        expect(eventsOf(chunks)).toEqual(eventsOfText(pieces.join('')));
      }),
      { numRuns: 500 },
    );
  });

  it('come out of any bytes without an exception', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
        expect(eventsOf(chunks).every(([, data]) => typeof data === 'string')).toBe(true);
      }),
    );
  });

  it('are reported as soon as their blank line is there', () => {
    const events: string[] = [];
    const parser = createSseParser((_, data) => events.push(data));
    parser.push(Buffer.from('data: a\n'));
    expect(events).toEqual([]);
    parser.push(Buffer.from('\n'));
    expect(events).toEqual(['a']);
    parser.end();
    parser.push(Buffer.from('data: b\n\n'));
    expect(events).toEqual(['a']);
  });

  it('are cut where a line has no end, and the next one is whole', () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    const long = [Buffer.from('data: '), ...Array.from({ length: 10 }, () => megabyte)];
    const [cut, next] = eventsOf([...long, Buffer.from('\n\ndata: b\n\n')]);
    expect(cut?.[1].length).toBe(mostEventBytes);
    expect(isCutEvent(cut?.[1] ?? '')).toBe(true);
    expect(next).toEqual([null, 'b']);
  });

  it('are cut where data has no end, and say so', () => {
    const line = Buffer.concat([Buffer.from('data: '), Buffer.alloc(3 * 1024 * 1024, 'x'), Buffer.from('\n')]);
    const [cut] = eventsOf([...Array.from({ length: 5 }, () => line), Buffer.from('\n')]);
    expect(isCutEvent(cut?.[1] ?? '')).toBe(true);
    expect(isCutEvent('x')).toBe(false);
  });
});
