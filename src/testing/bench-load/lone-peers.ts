import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, PeerProgram } from './bench.ts';
import { findK6, findProgram } from './find-program.ts';

/** Another tool by itself, as its users run it. */
export interface LonePeer {
  name: string;
  program(bench: Bench, load: { connections: number; bytes: number }): PeerProgram | { reason: string };
}

function seconds(bench: Bench): number {
  return Math.max(1, Math.round(bench.durationMs / 1000));
}

function k6Program(bench: Bench, name: string, script: string): PeerProgram | { reason: string } {
  const command = findK6();
  if (command === null) {
    return { reason: 'k6 is neither K6_PATH nor on PATH' };
  }
  const path = join(bench.folder, `${name}.js`);
  writeFileSync(path, script);
  return {
    command,
    args: ['run', '--quiet', '--no-usage-report', '--summary-mode=disabled', '--log-output=none', path],
    environment: { K6_AUTO_EXTENSION_RESOLUTION: 'false' },
  };
}

function k6Options(vus: number, bench: Bench): string {
  return JSON.stringify({ vus, duration: `${seconds(bench)}s`, discardResponseBodies: true });
}

export const autocannonAlone: LonePeer = {
  name: 'autocannon alone',
  program: (bench, { connections, bytes }) => ({
    command: process.execPath,
    args: [
      fileURLToPath(new URL('./autocannon-main.js', import.meta.url)),
      bench.sink.url,
      String(connections),
      String(seconds(bench)),
      String(bytes),
    ],
  }),
};

export const k6Alone: LonePeer = {
  name: 'k6 alone',
  program: (bench, { connections, bytes }) =>
    k6Program(
      bench,
      'small',
      `import http from 'k6/http';
export const options = ${k6Options(connections, bench)};
const body = 'x'.repeat(${bytes});
export default function () {
  http.post(${JSON.stringify(bench.sink.url)}, body);
}
`,
    ),
};

/** Each VU opens the file that is its own; k6 wants every file opened once before the VUs are made. */
export const k6WithOpen: LonePeer = {
  name: 'k6 alone with open()',
  program(bench, { connections, bytes }) {
    const folder = join(bench.folder, `bodies-${connections}`);
    mkdirSync(folder, { recursive: true });
    for (let index = 0; index < connections; index += 1) {
      writeFileSync(join(folder, String(index)), Buffer.alloc(bytes, index));
    }
    return k6Program(
      bench,
      'uploads',
      `import http from 'k6/http';
export const options = ${k6Options(connections, bench)};
const folder = ${JSON.stringify(folder)};
let body = null;
for (let index = 0; index < ${connections}; index += 1) {
  if (__VU === 0) {
    open(folder + '/' + index, 'b');
  } else if ((__VU - 1) % ${connections} === index) {
    body = open(folder + '/' + index, 'b');
  }
}
export default function () {
  http.post(${JSON.stringify(bench.sink.url)}, body);
}
`,
    );
  },
};

/** One file that all VUs open, as bytes: a body of text would be turned into bytes for each request. */
export const k6WithShared: LonePeer = {
  name: 'k6 alone',
  program(bench, { connections, bytes }) {
    const path = join(bench.folder, 'shared-body');
    writeFileSync(path, Buffer.alloc(bytes, 1));
    return k6Program(
      bench,
      'shared',
      `import http from 'k6/http';
export const options = ${k6Options(connections, bench)};
const body = open(${JSON.stringify(path)}, 'b');
export default function () {
  http.post(${JSON.stringify(bench.sink.url)}, body);
}
`,
    );
  },
};

export const wrkAlone: LonePeer = {
  name: 'wrk alone',
  program(bench, { connections, bytes }) {
    const command = findProgram('wrk');
    if (command === null) {
      return { reason: 'wrk is not installed' };
    }
    const path = join(bench.folder, 'wrk.lua');
    writeFileSync(path, `wrk.method = "POST"\nwrk.body = string.rep("x", ${bytes})\n`);
    const args = ['-t', '1', '-c', String(connections), '-d', `${seconds(bench)}s`, '-s', path, bench.sink.url];
    return { command, args };
  },
};
