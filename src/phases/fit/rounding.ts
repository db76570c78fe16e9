/**
 * Parameters are rounded, since an exact length can name the file that it was taken from. Decimal shifting by text
 * keeps 0.3 from becoming 0.30000000000000004, so that a value on the grid stays where it is.
 */
function roundAt(value: number, digits: number, round: (value: number) => number): number {
  if (value <= 0) {
    return 0;
  }
  const exponent = Number(value.toExponential().split('e')[1]);
  const shift = digits - 1 - exponent;
  return Number(`${round(Number(`${value}e${shift}`))}e${-shift}`);
}

export function roundDown(value: number, digits: number): number {
  return roundAt(value, digits, Math.floor);
}

export function roundUp(value: number, digits: number): number {
  return roundAt(value, digits, Math.ceil);
}

export function roundNear(value: number, digits: number): number {
  return roundAt(value, digits, Math.round);
}
