const below20 = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen ' +
  'seventeen eighteen nineteen'
).split(' ');
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

function wordOf(value: number): string {
  return below20[value] ?? '';
}

function belowHundred(value: number): string {
  if (value < 20) {
    return wordOf(value);
  }
  const ten = tens[Math.floor(value / 10) - 2] ?? '';
  return value % 10 === 0 ? ten : `${ten} ${wordOf(value % 10)}`;
}

/** An integer from 0 to 9,999 as it is said; a voice reads digits in its own way, words in one. */
export function numberWords(value: number): string {
  const parts: string[] = [];
  if (value >= 1000) {
    parts.push(`${wordOf(Math.floor(value / 1000))} thousand`);
  }
  const hundreds = Math.floor(value / 100) % 10;
  if (hundreds > 0) {
    parts.push(`${wordOf(hundreds)} hundred`);
  }
  const rest = value % 100;
  if (rest > 0 || value === 0) {
    parts.push(value > 100 && rest > 0 ? `and ${belowHundred(rest)}` : belowHundred(rest));
  }
  return parts.join(' ');
}

/** Digit by digit, with so many digits. */
export function digitWords(value: number, digits: number): string {
  return [...String(value).padStart(digits, '0')].map((digit) => wordOf(Number(digit))).join(' ');
}
