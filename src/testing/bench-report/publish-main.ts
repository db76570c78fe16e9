import { publish } from '../../phases/publish/publish.ts';
import { sections } from '../../sections/index.ts';
import { shippedConstants } from '../gate-nights.ts';

/** What `bench publish` does, in a process of its own so that its memory can be told. */
const [outFolder = '', reportsFolder = ''] = process.argv.slice(2);
const startMs = performance.now();
const published = await publish({
  outFolder,
  historyFiles: null,
  reportsFolder,
  constants: shippedConstants(),
  sections,
  linksRawData: true,
  tell: (sentence) => process.stderr.write(`${sentence}\n`),
});
const { maxRSS: peakRssKiB, userCPUTime, systemCPUTime } = process.resourceUsage();
process.stdout.write(
  `${JSON.stringify({
    seconds: (performance.now() - startMs) / 1000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakRssBytes: peakRssKiB * 1024,
    ...published,
  })}\n`,
);
