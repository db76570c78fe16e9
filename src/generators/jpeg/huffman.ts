/** A Huffman table as DHT carries it: how many codes of 1..16 bits, and their symbols in order of code. */
export interface HuffmanTable {
  counts: Uint8Array;
  symbols: Uint8Array;
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
}

function tableOf(counts: string, symbols: string): HuffmanTable {
  return { counts: bytesOf(counts), symbols: bytesOf(symbols) };
}

/** The typical tables of ITU-T T.81, K.3 to K.6: even decoders that have no others built in read them. */
export const lumaTables = {
  dc: tableOf('00010501010101010100000000000000', '000102030405060708090a0b'),
  ac: tableOf(
    '0002010303020403050504040000017d',
    `01020300041105122131410613516107 227114328191a1082342b1c11552d1f0 2433627282090a161718191a25262728
     292a3435363738393a43444546474849 4a535455565758595a63646566676869 6a737475767778797a83848586878889
     8a92939495969798999aa2a3a4a5a6a7 a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5 c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2
     e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8 f9fa`,
  ),
};
export const chromaTables = {
  dc: tableOf('00030101010101010101010000000000', '000102030405060708090a0b'),
  ac: tableOf(
    '00020102040403040705040400010277',
    `00010203110405213106124151076171 1322328108144291a1b1c109233352f0 156272d10a162434e125f11718191a26
     2728292a35363738393a434445464748 494a535455565758595a636465666768 696a737475767778797a828384858687
     88898a92939495969798999aa2a3a4a5 a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3 c4c5c6c7c8c9cad2d3d4d5d6d7d8d9da
     e2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8 f9fa`,
  ),
};

export interface HuffmanCodes {
  /** By symbol; a symbol without a code has length 0. */
  code: Uint16Array;
  length: Uint8Array;
}

/** Codes in rising order, from the shortest (T.81, C.2). */
export function huffmanCodes({ counts, symbols }: HuffmanTable): HuffmanCodes {
  const code = new Uint16Array(256);
  const length = new Uint8Array(256);
  let next = 0;
  let place = 0;
  for (let bits = 1; bits <= 16; bits += 1) {
    for (let left = counts[bits - 1] ?? 0; left > 0; left -= 1) {
      const symbol = symbols[place] ?? 0;
      code[symbol] = next;
      length[symbol] = bits;
      next += 1;
      place += 1;
    }
    next *= 2;
  }
  return { code, length };
}
