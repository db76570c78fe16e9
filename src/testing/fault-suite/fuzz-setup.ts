import fc from 'fast-check';

/** More than this of one property keeps the others waiting; what was tried until then has held. */
const longestMs = 5000;

// A property that names its own number of runs keeps it: it is slow, and other rounds bring other seeds.
fc.configureGlobal({
  numRuns: Number(process.env['FC_RUNS']),
  seed: Number(process.env['FC_SEED']),
  interruptAfterTimeLimit: longestMs,
});
