import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openScratch } from './scratch.ts';

/** What a suite has open in the middle of a case, for the test of how it is taken away. Its argument: where. */
const [, , parent] = process.argv;
const { folder } = openScratch(parent === undefined ? {} : { parent });
const disk = join(folder, 'a disk');
mkdirSync(disk);
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'headroom-suite', disk]).status === 0;
writeFileSync(join(disk, 'x'), '');
const stay = 'setInterval(() => {}, 1000)';
// A child that has a child, and keeps the disk busy.
const code = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(stay)}], { stdio: 'ignore' }); ${stay}`;
const child = spawn(process.execPath, ['-e', code], { stdio: 'ignore', cwd: disk });
process.stdout.write(`${JSON.stringify({ folder, isMounted, child: child.pid })}\n`);
setInterval(() => undefined, 1000);
