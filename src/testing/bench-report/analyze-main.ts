import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { detectors } from '../../detectors/index.ts';
import { analyze } from '../../phases/analyze.ts';
import { renderPage } from '../../phases/render.ts';
import { sections } from '../../sections/index.ts';
import { readRun } from '../../store/read-run.ts';
import { runFolderAt, writeResult } from '../../store/run-folder.ts';

/** What `bench analyze` and `bench report` do with a run, in a process of its own so that its memory can be told. */
const folder = runFolderAt(process.argv[2] ?? '');
const startMs = performance.now();
const steps: Record<string, number> = {};
let lastMs = startMs;
const step = (name: string): void => {
  const nowMs = performance.now();
  steps[name] = nowMs - lastMs;
  lastMs = nowMs;
};
const run = await readRun(folder);
step('read');
const rssAfterReadBytes = process.memoryUsage.rss();
const result = analyze(run, detectors);
step('analyze');
writeResult(folder, result);
const page = await renderPage([result], sections);
writeFileSync(join(folder.path, 'page.html'), page);
step('render');
const { maxRSS: peakRssKiB, userCPUTime, systemCPUTime } = process.resourceUsage();
process.stdout.write(
  `${JSON.stringify({
    seconds: (performance.now() - startMs) / 1000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    rssAfterReadBytes,
    peakRssBytes: peakRssKiB * 1024,
    pageBytes: Buffer.byteLength(page),
    stepsMs: steps,
    verdict: result.verdict,
    validity: result.validity,
  })}\n`,
);
