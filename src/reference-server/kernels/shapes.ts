import { DeviceError } from '../device/device.ts';

const invalidValueCode = 1;

function refuse(message: string): never {
  throw new DeviceError(invalidValueCode, `invalid value: ${message}`);
}

/** Both matrices hold `size` x `size` values, or it throws as the driver does. */
export function checkMatrices(left: Float32Array, right: Float32Array, size: number): void {
  const isWhole = Number.isInteger(size) && size > 0;
  if (!isWhole || left.length !== size * size || right.length !== size * size) {
    refuse(`matrices of ${left.length} and ${right.length} values are not ${size} x ${size}`);
  }
}

/** Three bytes for each pixel, or it throws as the driver does. */
export function checkPixels(pixels: Uint8Array, width: number, height: number): void {
  const isWhole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!isWhole || pixels.length !== 3 * width * height) {
    refuse(`${pixels.length} bytes are not ${width} x ${height} pixels of RGB`);
  }
}
