/** What becomes of a documented command when the documentation is run. */
export interface Way {
  /** Of the whole simple command. */
  matches: RegExp;
  how: 'run' | 'parse';
  /** Exit codes that are no failure; [0] where not named. */
  exits?: readonly number[];
  /** Put behind the command, to make it small. */
  append?: string;
  /** What the words of the page stand for. */
  replace?: Readonly<Record<string, string>>;
  /** Needs the server that the script has started on port 8000. */
  server?: boolean;
  why: string;
}

/** Id of the run that is made first, for the commands that read one. */
export const exampleRun = 'example';

/** On a busy machine a short run may be invalid. */
const judged = [0, 1, 3];

/** The first that matches counts. A command that none matches is a failure: its page has outgrown this table. */
export const ways: readonly Way[] = [
  { matches: /^npm ci$/, how: 'parse', why: 'asks the registry; the copy uses what is installed here' },
  { matches: /^npm test$/, how: 'parse', why: 'every change runs it' },
  { matches: /^npm run build$/, how: 'parse', why: 'done before anything else' },
  {
    matches: /bench run longform-sustained --target reference$/,
    how: 'run',
    append: '--dry-run',
    why: 'with --dry-run: it takes 17 minutes',
  },
  { matches: /bench run longform-sustained --target reference --scale 0\.1$/, how: 'run', exits: judged, why: 'as is' },
  {
    matches: /bench run smoke --target reference$/,
    how: 'run',
    append: '--scale 0.3',
    exits: judged,
    why: 'with --scale 0.3',
  },
  {
    matches: /--memory-limit 900MiB$/,
    how: 'run',
    append: '--scale 0.3',
    exits: [0, 1, 3, 5],
    why: 'with --scale 0.3; exit 5 where no limit can be set',
  },
  {
    matches: /bench run .*--exec /,
    how: 'parse',
    why: 'starts a server that is not there',
  },
  {
    matches: /bench run .*http:\/\/127\.0\.0\.1:\d+/,
    how: 'run',
    append: '--dry-run',
    why: 'with --dry-run: the server is not there',
  },
  { matches: /bench doctor/, how: 'run', server: true, why: 'as is' },
  { matches: /bench (?:watch|scale-out|merge|agent)/, how: 'parse', why: 'needs k6, a cluster or another host' },
  {
    matches: /bench corpus fit/,
    how: 'run',
    append: '--out - --column bytes',
    replace: { 'access.log': 'sizes.csv' },
    why: 'with a CSV file of sizes, to stdout',
  },
  { matches: /bench (?:corpus|list|plan)/, how: 'run', why: 'as is' },
  {
    matches: /bench export .*--format otava/,
    how: 'run',
    exits: [0, 2],
    replace: { 'RUN…': exampleRun },
    why: 'with the example run; refused where that is invalid',
  },
  {
    matches: /bench (?:export|report|verify|analyze|capacity|gate|history add)/,
    how: 'run',
    exits: [0, 1, 3, 4],
    replace: { 'RUN…': exampleRun, RUN: exampleRun },
    why: 'with the example run',
  },
  { matches: /bench publish/, how: 'run', why: 'as is' },
  { matches: /^node dist\/reference-server\/main\.js --list-knobs/, how: 'run', why: 'as is' },
  { matches: /^node dist\/reference-server\/main\.js/, how: 'parse', why: 'runs until it is ended' },
  { matches: /^curl .*:9005\/execute/, how: 'parse', why: 'its server is that of the block above' },
  { matches: /^cd otava/, how: 'parse', why: 'Otava is a program of others' },
  { matches: /^otava analyze/, how: 'parse', why: 'Otava is a program of others' },
];

export function wayOf(command: string): Way | null {
  return ways.find(({ matches }) => matches.test(command)) ?? null;
}
