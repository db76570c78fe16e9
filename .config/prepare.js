// npm runs `prepare` also where dev dependencies are left out; there the build
// that the package ships is used, and there is no compiler to call.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = `${root}/node_modules/typescript/bin/tsc`;
if (existsSync(compiler)) {
  const build = spawnSync(process.execPath, [compiler, '-p', `${root}/.config/tsconfig.build.json`], {
    stdio: 'inherit',
  });
  const runtime = spawnSync(process.execPath, [`${root}/.config/chart-runtime.js`], { stdio: 'inherit' });
  const names = spawnSync(process.execPath, [`${root}/.config/completion-names.js`], { stdio: 'inherit' });
  if (process.platform !== 'win32') {
    // Otherwise `npx bench` first installs this clone into npm's cache, which is slow, and stays broken if interrupted.
    const link = `${root}/node_modules/.bin/bench`;
    mkdirSync(`${root}/node_modules/.bin`, { recursive: true });
    rmSync(link, { force: true });
    symlinkSync('../../src/bench.js', link);
  }
  process.exitCode = [build, runtime, names].map(({ status }) => status ?? 1).find((status) => status !== 0) ?? 0;
}
