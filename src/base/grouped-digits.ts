/** A whole number for a sentence: `400,000`. The same in every locale. */
export function groupedDigits(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
