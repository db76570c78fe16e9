/** Where GitHub looks for it. */
export const workflowPath = '.github/workflows/headroom.yml';

/** A nightly run of what bench.yaml says; `startsServer`: bench does it, by exec or as the reference server. */
export function workflowText(startsServer: boolean): string {
  const start = startsServer
    ? ''
    : `      # Start your server here and wait until it is healthy, or let bench do both: exec in bench.yaml.
`;
  return `name: headroom
on:
  schedule:
    - cron: '17 3 * * *'
  workflow_dispatch:
permissions:
  contents: read
# Two runs at once on one machine would measure each other.
concurrency: headroom
jobs:
  nightly:
    # A shared runner is noisy; a machine of your own gives steadier numbers.
    runs-on: ubuntu-latest
    timeout-minutes: 240
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 20
      # Headroom is expected among the development dependencies, as a packed file or the address of a
      # repository: the package of that name on npm is not this one. This only measures; .ci/nightly of
      # Headroom also keeps the history and judges by it.
      - run: npm ci
${start}      - run: npx --no bench run --purpose nightly --repeats 3
      - if: always()
        uses: actions/upload-artifact@v4
        with:
          name: headroom
          path: |
            results
            reports
`;
}
