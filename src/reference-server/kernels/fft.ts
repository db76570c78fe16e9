function reversedBits(value: number, bits: number): number {
  let reversed = 0;
  for (let bit = 0; bit < bits; bit += 1) {
    reversed = (reversed << 1) | ((value >> bit) & 1);
  }
  return reversed;
}

/**
 * Transforms in place, radix 2, for a power of two of points (Cooley and Tukey 1965). `cosines` and
 * `sines` hold one period of as many values.
 */
export function createFft(
  cosines: Float32Array,
  sines: Float32Array,
): (real: Float64Array, imaginary: Float64Array) => void {
  const points = cosines.length;
  const bits = Math.round(Math.log2(points));
  const order = Uint16Array.from({ length: points }, (_, index) => reversedBits(index, bits));
  const swap = (values: Float64Array, a: number, b: number): void => {
    const held = values[a] ?? 0;
    values[a] = values[b] ?? 0;
    values[b] = held;
  };
  return (real, imaginary) => {
    for (let index = 0; index < points; index += 1) {
      const other = order[index] ?? 0;
      if (other > index) {
        swap(real, index, other);
        swap(imaginary, index, other);
      }
    }
    for (let half = 1; half < points; half *= 2) {
      const stride = points / (2 * half);
      for (let upper = 0; upper < points; upper += 1) {
        // Bit `half` tells the lower wing of each butterfly, which its upper wing has already done.
        if ((upper & half) !== 0) {
          continue;
        }
        const turn = (upper & (half - 1)) * stride;
        const [cosine, sine] = [cosines[turn] ?? 0, sines[turn] ?? 0];
        const lower = upper + half;
        const [lowerReal, lowerImaginary] = [real[lower] ?? 0, imaginary[lower] ?? 0];
        const turnedReal = cosine * lowerReal + sine * lowerImaginary;
        const turnedImaginary = cosine * lowerImaginary - sine * lowerReal;
        real[lower] = (real[upper] ?? 0) - turnedReal;
        imaginary[lower] = (imaginary[upper] ?? 0) - turnedImaginary;
        real[upper] = (real[upper] ?? 0) + turnedReal;
        imaginary[upper] = (imaginary[upper] ?? 0) + turnedImaginary;
      }
    }
  };
}
