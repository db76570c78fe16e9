// Grows one kind of memory on command: `grow` and `release` on stdin, one line back when it is done.
import { fork } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import koffi from 'koffi';

const [kind = '', mebibytes = '256'] = process.argv.slice(2);
const bytes = Number(mebibytes) * 1024 ** 2;
const libc = koffi.load('libc.so.6');
const mmap = libc.func('void *mmap(void *, size_t, int, int, int, int64_t)');
const munmap = libc.func('int munmap(void *, size_t)');
const madvise = libc.func('int madvise(void *, size_t, int)');
const memset = libc.func('void *memset(void *, int, size_t)');
// <sys/mman.h>: PROT_READ | PROT_WRITE; MAP_SHARED 1, MAP_PRIVATE 2, MAP_ANONYMOUS 0x20; MADV_PAGEOUT 21.
const readWrite = 3;
const mapShared = 0x21;
const mapPrivate = 0x22;
const pageOut = 21;
// From the beginning, so that the buffer itself is no part of what grows.
const chunk = Buffer.alloc(1024 ** 2, 1);
const file = `/dev/shm/headroom-grower-${process.pid}`;

function map(flags) {
  const place = mmap(null, bytes, readWrite, flags, -1, 0);
  memset(place, 1, bytes);
  return place;
}

function writeFile() {
  const descriptor = openSync(file, 'w');
  for (let written = 0; written < bytes; written += chunk.length) {
    writeSync(descriptor, chunk);
  }
  closeSync(descriptor);
}

function startChild() {
  const child = fork(process.argv[1], ['heap', mebibytes], { silent: true });
  const lines = createInterface({ input: child.stdout });
  const answer = () => new Promise((resolve) => lines.once('line', resolve));
  return {
    started: answer(),
    async grow() {
      const grown = answer();
      child.stdin.write('grow\n');
      await grown;
    },
    end: () =>
      new Promise((resolve) => {
        child.once('exit', resolve);
        child.kill('SIGKILL');
      }),
  };
}

const child = kind === 'child' ? startChild() : null;
let place = null;

const actions = {
  async grow() {
    switch (kind) {
      case 'heap':
        place = map(mapPrivate);
        break;
      case 'spike':
        place = map(mapPrivate);
        await new Promise((resolve) => setTimeout(resolve, 300));
        munmap(place, bytes);
        break;
      case 'shared-mapping':
        place = map(mapShared);
        break;
      case 'tmpfs':
        writeFile();
        break;
      case 'swap':
        place = map(mapPrivate);
        madvise(place, bytes, pageOut);
        break;
      case 'child':
        await child.grow();
        break;
    }
  },
  async release() {
    if (kind === 'tmpfs') {
      rmSync(file, { force: true });
    } else if (kind === 'child') {
      await child.end();
    } else if (place !== null) {
      munmap(place, bytes);
    }
  },
};

await child?.started;
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  await actions[line]?.();
  process.stdout.write(`${line}\n`);
}
rmSync(file, { force: true });
process.exit();
