// Writes ptx.ts from kernels.cu: `node src/reference-server/kernels/make-ptx.js`.
// CLANG names the compiler (default clang++, 14 or later, with the NVPTX target). PTXAS, if set, names
// NVIDIA's assembler, and the text is assembled for every generation of the list.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** PTX 7.0 is understood by drivers from 450 on; a driver compiles it for any GPU from 7.5 on. */
const version = '.version 7.0';
const target = '.target sm_75';
const generations = ['sm_75', 'sm_80', 'sm_86', 'sm_89', 'sm_90', 'sm_100', 'sm_120'];

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const text = execFileSync(
  process.env.CLANG ?? 'clang++',
  [
    ...['-x', 'cuda', '--cuda-device-only', '--cuda-gpu-arch=sm_75', '-nocudainc', '-nocudalib'],
    ...['-Xclang', '-target-feature', '-Xclang', '+ptx70', '-O2', '-S'],
    ...['-include', here('clang-cuda.h'), '-o', '-', here('kernels.cu')],
  ],
  { encoding: 'utf8' },
);
const ptx = text
  .split('\n')
  .map((line) => line.replace(/\s*\/\/.*$/, ''))
  .filter((line) => line.trim() !== '')
  .join('\n');
for (const line of [version, target]) {
  if (!ptx.includes(line)) {
    throw new Error(`the compiler did not write "${line}"`);
  }
}
if (['`', '\\', '${'].some((part) => ptx.includes(part))) {
  throw new Error('the text cannot stand in a template');
}
if (process.env.PTXAS !== undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'ptx-'));
  const path = join(folder, 'kernels.ptx');
  writeFileSync(path, ptx);
  for (const generation of generations) {
    execFileSync(process.env.PTXAS, [`-arch=${generation}`, '-o', join(folder, 'cubin'), path]);
    process.stdout.write(`assembles for ${generation}\n`);
  }
  rmSync(folder, { recursive: true });
}
writeFileSync(
  here('ptx.ts'),
  `/** \`kernels.cu\` compiled; written by \`make-ptx.js\`, never by hand. */\nexport const ptx = \`${ptx}\n\`;\n`,
);
process.stdout.write(`ptx.ts: ${readFileSync(here('ptx.ts')).length} bytes\n`);
