// Takes a whole core for so many milliseconds, and ends by itself.
const endMs = performance.now() + Number(process.argv[2]);
while (performance.now() < endMs) {
  // Nothing but the clock: a core is what is taken.
}
