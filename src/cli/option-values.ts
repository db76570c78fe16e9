import { BenchError } from '../base/errors.ts';
import { parseBytes, parseDurationMs } from '../base/units.ts';

export function size(text: string): number {
  const bytes = parseBytes(text);
  if (bytes === null || bytes <= 0) {
    throw new BenchError('USAGE', `"${text}" is not a size.`, { hint: 'Write it like 704MiB, 24MB or 1Gi.' });
  }
  return bytes;
}

export function duration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === null || ms <= 0) {
    throw new BenchError('USAGE', `"${text}" is not a duration.`, { hint: 'Write it like 250ms, 5s, 5m or 8h.' });
  }
  return ms;
}

export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) {
    throw new BenchError('USAGE', `"${text}" is not a positive number.`, { hint: 'Write it like 0.1 or 2.' });
  }
  return value;
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new BenchError('USAGE', `"${text}" is not a whole number.`, { hint: 'Write it like 7.' });
  }
  return Number(text);
}

export function repeatCount(text: string): number {
  const count = wholeNumber(text);
  if (count < 1 || count > 100) {
    throw new BenchError('USAGE', `${count} repeats are not between 1 and 100.`, { hint: 'A night takes 3.' });
  }
  return count;
}

/** What --guard gives: commander makes an empty text of a null, so that off keeps its name. */
export type GuardOption = number | 'off';

export function guardRatioOf(option: GuardOption): number | null {
  return option === 'off' ? null : option;
}

/** `90%` to 0.9. */
export function guard(text: string): GuardOption {
  if (text === 'off') {
    return text;
  }
  const percent = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent === undefined || Number(percent) <= 0 || Number(percent) > 100) {
    throw new BenchError('USAGE', `--guard "${text}" is neither a share nor off.`, { hint: 'Write it like 90%.' });
  }
  return Number(percent) / 100;
}

export function urlPath(text: string): string {
  if (!text.startsWith('/')) {
    throw new BenchError('USAGE', `"${text}" is not a path of a URL.`, { hint: 'Write it like /health.' });
  }
  return text;
}

export function address(text: string): URL {
  if (!URL.canParse(text)) {
    throw new BenchError('USAGE', `"${text}" is not a URL.`, { hint: 'Write it like http://127.0.0.1:8000/metrics.' });
  }
  return new URL(text);
}

/** An id that names a folder or a file, so that nothing can be written outside --out. */
export function folderName(text: string): string {
  if (!/^[A-Za-z0-9][\w.-]{0,120}$/.test(text)) {
    throw new BenchError('USAGE', `"${text}" is no folder name.`, {
      hint: 'Use letters, digits, dot, dash and underscore.',
    });
  }
  return text;
}

export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
export const commaList = (value: string): readonly string[] => value.split(',').map((name) => name.trim());
