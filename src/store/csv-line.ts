import { stringify } from 'csv-stringify/sync';

export type CsvValue = string | number | boolean | null;

/** What only csv-stringify may write: a text to be quoted, or one that a spreadsheet would run. */
const needsCare = /^[=+\-@\t\uFF1D\uFF0B\uFF0D\uFF20]|[",\r\n]/;

/** What stands behind the whole milliseconds: '', '.001' to '.999', without zeros at the end. */
const thousandths = Array.from({ length: 1000 }, (_, n) => String(n / 1000).slice(1));
/** Up to here a number of thousandths has 15 digits, which a double keeps. */
const mostThousandths = 1e15;

/**
 * Integers whole, others with at most three decimals; NaN is a missing value. Most are times, and Node takes three
 * times as long to find the shortest digits of a double as to write two integers.
 */
function numberText(value: number): string {
  if (Number.isInteger(value)) {
    return String(value);
  }
  if (Number.isNaN(value)) {
    return '';
  }
  const rounded = Math.round(value * 1000);
  if (rounded < 0 || rounded >= mostThousandths) {
    return String(rounded / 1000);
  }
  const whole = Math.floor(rounded / 1000);
  return `${whole}${thousandths[rounded - whole * 1000] ?? ''}`;
}

/** Any row, with a line end, as csv-stringify writes it. */
export function stringifiedLine(row: readonly CsvValue[]): string {
  return stringify([row], {
    // The defaults turn `false` into nothing and NaN into a word.
    cast: { boolean: (value) => (value ? 'true' : 'false'), number: numberText },
    // Error texts are the server's; a spreadsheet must not run them.
    escape_formulas: true,
  });
}

/**
 * The same line, with less work where no field needs care: csv-stringify takes some 10 us of the sending process for
 * a record, and nearly all records are numbers and ids.
 */
export function csvLine(row: readonly CsvValue[]): string {
  let line = '';
  for (let at = 0; at < row.length; at += 1) {
    const value = row[at] ?? null;
    line += at === 0 ? '' : ',';
    if (typeof value === 'number') {
      line += numberText(value);
    } else if (typeof value === 'boolean') {
      line += value ? 'true' : 'false';
    } else if (value !== null) {
      if (needsCare.test(value)) {
        return stringifiedLine(row);
      }
      line += value;
    }
  }
  return `${line}\n`;
}
