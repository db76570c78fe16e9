import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { detectors } from '../../detectors/index.ts';
import { analyzeFolder } from '../../phases/analyze/folder.ts';
import { renderPage } from '../../phases/render/render.ts';
import { sections } from '../../sections/index.ts';
import { runFolderAt, writeResult } from '../../store/run-folder.ts';

/** What `bench analyze` and `bench report` do with a run, in a process of its own so that its memory can be told. */
const folder = runFolderAt(process.argv[2] ?? '');
const startMs = performance.now();
const result = await analyzeFolder(folder, detectors);
const analyzedMs = performance.now();
writeResult(folder, result);
const page = await renderPage([result], sections);
writeFileSync(join(folder.path, 'page.html'), page);
const endMs = performance.now();
const { maxRSS: peakRssKiB, userCPUTime, systemCPUTime } = process.resourceUsage();
process.stdout.write(
  `${JSON.stringify({
    seconds: (endMs - startMs) / 1000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakRssBytes: peakRssKiB * 1024,
    pageBytes: Buffer.byteLength(page),
    renderSeconds: (endMs - analyzedMs) / 1000,
    verdict: result.verdict,
    validity: result.validity,
  })}\n`,
);
