/** A Huffman table, made for reading. */
export interface JpegTable {
  /** By the next eight bits: 256 * length + symbol, or 0 where the code is longer. */
  short: Uint16Array;
  /** By length: the code that follows the last one of this length, left-aligned to 16 bits; 0 where there is none. */
  ends: Int32Array;
  /** By length: what to add to a code for the place of its symbol. */
  shifts: Int32Array;
  symbols: Uint8Array;
}

/** What the code of a component (in order Y, Cb, Cr, or grey alone) is made of. */
export interface JpegComponent {
  /** Blocks of an MCU across and down. */
  across: number;
  down: number;
  /** Quantisation step of the DC value. */
  dcStep: number;
  dc: JpegTable;
  ac: JpegTable;
}

/** All that is needed to read the coded MCUs of a JPEG. */
export interface JpegScan {
  width: number;
  height: number;
  components: readonly JpegComponent[];
  /** MCUs between two restart markers, or null if there are none. */
  restartInterval: number | null;
  /** Offset of the first coded byte. */
  start: number;
}

interface Frame {
  width: number;
  height: number;
  components: { id: number; across: number; down: number; quantiser: number }[];
}

interface Tables {
  dcSteps: Map<number, number>;
  /** By class (0 DC, 1 AC) times 16 + destination. */
  huffman: Map<number, JpegTable>;
  restartInterval: number | null;
  frame: Frame | null;
}

const longestCode = 16;

/** Counts and symbols of DHT (ITU-T T.81, B.2.4.2) made into a table, or null if there are more codes than bits allow. */
function createTable(counts: Uint8Array, symbols: Uint8Array): JpegTable | null {
  const table = { short: new Uint16Array(256), ends: new Int32Array(17), shifts: new Int32Array(17), symbols };
  let code = 0;
  let place = 0;
  for (let length = 1; length <= longestCode; length += 1) {
    const count = counts[length - 1] ?? 0;
    if (code + count > 1 << length) {
      return null;
    }
    table.shifts[length] = place - code;
    for (let index = 0; index < count && length <= 8; index += 1) {
      const from = (code + index) << (8 - length);
      table.short.fill(length * 256 + (symbols[place + index] ?? 0), from, from + (1 << (8 - length)));
    }
    code += count;
    place += count;
    table.ends[length] = count === 0 ? 0 : code << (longestCode - length);
    code *= 2;
  }
  return table;
}

function readHuffman(segment: Uint8Array, tables: Tables): boolean {
  let at = 0;
  while (at < segment.length) {
    const place = segment[at] ?? 0;
    const counts = segment.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const symbols = segment.subarray(at + 17, at + 17 + total);
    const table = counts.length === longestCode && symbols.length === total ? createTable(counts, symbols) : null;
    if (table === null) {
      return false;
    }
    tables.huffman.set(place, table);
    at += 17 + total;
  }
  return true;
}

function readQuantisers(segment: Uint8Array, tables: Tables): boolean {
  let at = 0;
  while (at < segment.length) {
    const place = segment[at] ?? 0;
    const wide = place >> 4 === 1;
    const first = segment[at + 1] ?? 0;
    tables.dcSteps.set(place & 15, wide ? first * 256 + (segment[at + 2] ?? 0) : first);
    at += 1 + (wide ? 128 : 64);
  }
  return at === segment.length;
}

function readFrame(segment: Uint8Array, view: DataView): Frame | null {
  const count = segment[5] ?? 0;
  if (segment[0] !== 8 || segment.length !== 6 + 3 * count || (count !== 1 && count !== 3)) {
    return null;
  }
  const components = Array.from({ length: count }, (_, index) => {
    const [id = 0, factors = 0, quantiser = 0] = segment.subarray(6 + index * 3);
    // The blocks of a scan of one component are not grouped (T.81, A.2.2).
    return { id, across: count === 1 ? 1 : factors >> 4, down: count === 1 ? 1 : factors & 15, quantiser };
  });
  const fits = components.every(({ across, down }) => across >= 1 && across <= 4 && down >= 1 && down <= 4);
  return fits ? { height: view.getUint16(1), width: view.getUint16(3), components } : null;
}

function readScan(segment: Uint8Array, tables: Tables, start: number): JpegScan | null {
  const { frame, dcSteps, huffman, restartInterval } = tables;
  if (frame === null || segment[0] !== frame.components.length || segment.length !== 4 + 2 * frame.components.length) {
    return null;
  }
  const components: JpegComponent[] = [];
  for (const [index, { id, across, down, quantiser }] of frame.components.entries()) {
    const places = segment[2 + index * 2] ?? 0;
    const dcStep = dcSteps.get(quantiser);
    const dc = huffman.get(places >> 4);
    const ac = huffman.get(16 + (places & 15));
    if (segment[1 + index * 2] !== id || dcStep === undefined || dc === undefined || ac === undefined) {
      return null;
    }
    components.push({ across, down, dcStep, dc, ac });
  }
  return { width: frame.width, height: frame.height, components, restartInterval, start };
}

/** false: not a JPEG that can be read. */
function readSegment(marker: number, segment: Uint8Array, tables: Tables): boolean {
  switch (marker) {
    case 0xc4:
      return readHuffman(segment, tables);
    case 0xdb:
      return readQuantisers(segment, tables);
    case 0xdd: {
      const interval = (segment[0] ?? 0) * 256 + (segment[1] ?? 0);
      tables.restartInterval = interval === 0 ? null : interval;
      return true;
    }
    case 0xc0:
    case 0xc1:
      tables.frame = readFrame(segment, new DataView(segment.buffer, segment.byteOffset, segment.length));
      return tables.frame !== null;
    default:
      // Other frames are not sequential Huffman code; comments and application data are skipped.
      return marker >= 0xe0 && marker <= 0xfe;
  }
}

/**
 * What the header of a sequential JPEG of 8 bits, with all components in one scan, says. null for another kind,
 * for damage, and if the bytes end before the scan begins.
 */
export function readJpegHeader(bytes: Uint8Array): JpegScan | null {
  const tables: Tables = { dcSteps: new Map(), huffman: new Map(), restartInterval: null, frame: null };
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) {
    return null;
  }
  let at = 2;
  while (at + 4 <= bytes.length) {
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0xff) {
      return null;
    }
    if (marker === 0xff) {
      // Any number of fill bytes may stand before a marker (T.81, B.1.1.2).
      at += 1;
      continue;
    }
    const end = at + 2 + (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
    const segment = bytes.subarray(at + 4, end);
    if (end < at + 4 || end > bytes.length) {
      return null;
    }
    if (marker === 0xda) {
      return readScan(segment, tables, end);
    }
    if (!readSegment(marker, segment, tables)) {
      return null;
    }
    at = end;
  }
  return null;
}
