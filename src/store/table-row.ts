const quote = 0x22;
const comma = 0x2c;
const newline = 0x0a;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const apostrophe = "'";
/** What a spreadsheet takes for the beginning of a formula; the last four are the full-width forms. */
const formulaStarts = new Set(['=', '+', '-', '@', '\t', '\r', '\uff1d', '\uff0b', '\uff0d', '\uff20']);
/** Up to 15 digits the quotient of whole number and power of ten is the nearest double (Clinger 1990). */
const mostExactDigits = 15;
const powersOfTen = Array.from({ length: mostExactDigits + 1 }, (_, exponent) => 10 ** exponent);
const rememberedTexts = 4096;
/** Longer texts seldom come twice. */
const longestRemembered = 200;

/** The bytes of a row are no row of RFC 4180. */
export class RowFault extends Error {}

/** Undoes what `CsvAppender` does to a text that a spreadsheet would run. */
function plain(field: string): string {
  return field.startsWith(apostrophe) && formulaStarts.has(field[1] ?? '') ? field.slice(1) : field;
}

/** Most texts of a table come again and again: each is decoded once, as long as nothing else takes its place. */
class TextCache {
  readonly #bytes: (Buffer | undefined)[] = Array.from({ length: rememberedTexts });
  readonly #texts: string[] = Array.from({ length: rememberedTexts }, () => '');

  read(block: Buffer, start: number, end: number): string {
    if (end - start > longestRemembered) {
      return plain(block.toString('utf8', start, end));
    }
    // FNV-1a.
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at += 1) {
      hash = Math.imul(hash ^ (block[at] ?? 0), 0x01000193);
    }
    const slot = (hash ^ (hash >>> 15)) & (rememberedTexts - 1);
    const held = this.#bytes[slot];
    if (held !== undefined && isSame(held, block, start, end)) {
      return this.#texts[slot] ?? '';
    }
    const text = plain(block.toString('utf8', start, end));
    this.#bytes[slot] = Buffer.from(block.subarray(start, end));
    this.#texts[slot] = text;
    return text;
  }
}

function isSame(held: Buffer, block: Buffer, start: number, end: number): boolean {
  if (held.length !== end - start) {
    return false;
  }
  for (let index = 0; index < held.length; index += 1) {
    if (held[index] !== block[start + index]) {
      return false;
    }
  }
  return true;
}

/** The row of a table that is being read, in the order of the wanted columns; good until the next one. */
export interface TableRow {
  text(column: number): string;
  /** NaN for an empty field, and for one that is no number. */
  number(column: number): number;
}

/** Reads rows in place: what nobody asks for is not decoded. RFC 4180 with `\n`. */
export class RowReader implements TableRow {
  readonly #cache = new TextCache();
  #block: Buffer = Buffer.alloc(0);
  #places: readonly number[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #hasQuotes: boolean[] = [];
  fields = 0;

  /** Where each wanted column stands in the row; before it is called all columns are wanted. */
  choose(places: readonly number[]): void {
    this.#places = places;
  }

  /** Reads the row at `from` and returns where the next begins. Throws a RowFault if the row is none. */
  next(block: Buffer, from: number): number {
    this.#block = block;
    let at = from;
    for (let field = 0; ; field += 1) {
      const isQuoted = block[at] === quote;
      const end = isQuoted ? this.#endOfQuoted(at + 1) : endOfPlain(block, at);
      this.#starts[field] = isQuoted ? at + 1 : at;
      this.#ends[field] = end;
      this.#hasQuotes[field] = isQuoted;
      at = isQuoted ? end + 1 : end;
      const delimiter = block[at];
      if (delimiter === newline) {
        this.fields = field + 1;
        return at + 1;
      }
      if (delimiter !== comma) {
        throw new RowFault('a quote stands inside of a field');
      }
      at += 1;
    }
  }

  #endOfQuoted(from: number): number {
    for (let at = from; ; at += 2) {
      at = this.#block.indexOf(quote, at);
      if (at < 0) {
        throw new RowFault('a quote is not closed');
      }
      if (this.#block[at + 1] !== quote) {
        return at;
      }
    }
  }

  /** All fields of the row as they stand, for a header. */
  all(): string[] {
    return Array.from({ length: this.fields }, (_, place) => this.#at(place));
  }

  text(column: number): string {
    return this.#at(this.#places[column] ?? column);
  }

  #at(place: number): string {
    const start = this.#starts[place] ?? 0;
    const end = this.#ends[place] ?? 0;
    if (this.#hasQuotes[place] !== true) {
      return this.#cache.read(this.#block, start, end);
    }
    return plain(this.#block.toString('utf8', start, end).replaceAll('""', '"'));
  }

  number(column: number): number {
    const place = this.#places[column] ?? column;
    return numberIn(this.#block, this.#starts[place] ?? 0, this.#ends[place] ?? 0);
  }
}

/** The comma or line end behind a field without quotes. */
function endOfPlain(block: Buffer, from: number): number {
  let at = from;
  for (let byte = block[at]; byte !== comma && byte !== newline; byte = block[at]) {
    if (byte === quote || byte === undefined) {
      throw new RowFault('a quote stands inside of a field');
    }
    at += 1;
  }
  return at;
}

function numberIn(block: Buffer, start: number, end: number): number {
  const isNegative = block[start] === minus;
  let digits = 0;
  let fraction = -1;
  let whole = 0;
  for (let at = isNegative ? start + 1 : start; at < end; at += 1) {
    const byte = block[at] ?? 0;
    if (byte >= zero && byte <= nine) {
      whole = whole * 10 + byte - zero;
      digits += 1;
      fraction += fraction < 0 ? 0 : 1;
    } else if (byte === point && fraction < 0) {
      fraction = 0;
    } else {
      digits = mostExactDigits + 1;
      break;
    }
  }
  if (digits === 0 || digits > mostExactDigits) {
    const text = block.toString('latin1', start, end);
    return text === '' ? Number.NaN : Number(text);
  }
  const value = fraction <= 0 ? whole : whole / (powersOfTen[fraction] ?? 1);
  return isNegative ? -value : value;
}
