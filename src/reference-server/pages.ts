const pageBytes = 4096;

/** Writes one byte per page, so that the memory is there and not only promised. */
export function touchPages(buffer: Uint8Array, fromByte = 0, toByte: number = buffer.length): void {
  for (let offset = fromByte; offset < toByte; offset += pageBytes) {
    buffer[offset] = 1 + (offset % 251);
  }
}
