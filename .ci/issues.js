// One issue a regression, by its identity: opened when it fails, told that it goes on, closed when it passes again.
//
//   node .ci/issues.js FOLDER      each decision.json below it; needs `gh` and its token
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const label = 'headroom';
// A broken host may fail everything at once; what is above this stands in the report of the night.
const maxOpenedPerNight = 10;

const gh = (args, input) => execFileSync('gh', args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });

function readDecisions(folder) {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name, 'decision.json'))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, 'utf8')));
}

// Several rules may see one shift; what they are about is the same then.
const subjectOf = (series, { metric, rule, stage, instance }) => ({ series, what: metric ?? rule, stage, instance });

/** The gate names shifts against history; an invariant or a limit is named by what it is about. */
function identityOf(series, row) {
  const about = JSON.stringify(subjectOf(series, row));
  return row.identity ?? createHash('sha256').update(about).digest('hex').slice(0, 16);
}

function regressionsOf(decision) {
  const found = new Map();
  for (const row of decision.rows.filter(({ state }) => state === 'fail')) {
    const identity = identityOf(decision.series, row);
    const known = found.get(identity) ?? { identity, decision, row, sentences: [] };
    found.set(identity, { ...known, sentences: [...known.sentences, row.sentence] });
  }
  return [...found.values()];
}

const markerStart = '<!-- headroom-regression ';

/** JSON in a comment that is not shown; no `>` may stand in it, since it could end the comment. */
function markerOf({ identity, decision, row }) {
  const facts = JSON.stringify({ identity, ...subjectOf(decision.series, row) });
  return `${markerStart}${facts.replaceAll('>', '\\u003e')} -->`;
}

function readMarker(body) {
  if (typeof body !== 'string') {
    return null;
  }
  const start = body.indexOf(markerStart);
  const end = body.indexOf(' -->', start);
  try {
    const about = start < 0 || end < 0 ? null : JSON.parse(body.slice(start + markerStart.length, end));
    // Whoever may edit an issue may have changed it.
    return typeof about?.identity === 'string' && typeof about.what === 'string' ? about : null;
  } catch {
    return null;
  }
}

/** Sentences may quote the server under test; in a fence they name nobody and draw nothing. */
const fenced = (lines) => ['```text', ...lines.map((line) => line.replaceAll('`', "'")), '```'];

function titleOf({ decision, row }) {
  const place = [decision.profile, row.stage, row.instance].filter((part) => part !== null).join('/');
  // One line: a label of the server must not begin another one, which GitHub might take for a command.
  return `${place}: ${row.metric ?? row.rule} fails the gate`.replace(/\p{Cc}+/gu, ' ');
}

function textOf({ decision, sentences }) {
  const server = process.env.GITHUB_SERVER_URL;
  const link = server ? [`${server}/${process.env.GITHUB_REPOSITORY}/actions/runs/${process.env.GITHUB_RUN_ID}`] : [];
  return [
    ...fenced([
      ...sentences,
      `session ${decision.sessionId}`,
      `runs ${decision.runIds.join(' ')}`,
      ...(decision.confirmationRunIds.length === 0 ? [] : [`confirmed by ${decision.confirmationRunIds.join(' ')}`]),
    ]),
    '',
    ...link,
  ];
}

function openIssue(regression) {
  const accept = `Mend it, or take it for the new normal: \`bench history accept ${regression.decision.sessionId} --reason WHY\``;
  const body = [markerOf(regression), ...textOf(regression), '', accept, ''].join('\n');
  gh(['issue', 'create', '--title', titleOf(regression), '--label', label, '--body-file', '-'], body);
  process.stdout.write(`opened: ${titleOf(regression)}\n`);
}

function continueIssue(number, regression) {
  gh(['issue', 'comment', `${number}`, '--body-file', '-'], ['Still failing.', '', ...textOf(regression)].join('\n'));
  process.stdout.write(`goes on: #${number} ${titleOf(regression)}\n`);
}

/** A night that judged the same thing and found it well; what was not compared says nothing. */
function passedIn(decisions, { series, what, stage, instance }) {
  const decision = decisions.find((one) => one.series === series && one.state !== 'invalid');
  if (decision === undefined) {
    return null;
  }
  const rows = decision.rows.filter(
    (row) => (row.metric ?? row.rule) === what && row.stage === stage && row.instance === instance,
  );
  // A finding has a row only while it fails or warns.
  const isWell = rows.length === 0 ? what.startsWith('finding:') : rows.every(({ state }) => state === 'pass');
  return isWell ? decision : null;
}

const [folder] = process.argv.slice(2);
if (folder === undefined || !existsSync(folder)) {
  process.stderr.write(`issues: there is no folder ${folder ?? ''} with decisions of a night\n`);
  process.exit(2);
}
const decisions = readDecisions(folder);
const failing = decisions.flatMap(regressionsOf);
gh(['label', 'create', label, '--force', '--description', 'opened and closed by the nightly gate']);
const fields = ['--json', 'number,body', '--limit', '500'];
const open = JSON.parse(gh(['issue', 'list', '--label', label, '--state', 'open', ...fields]))
  .map(({ number, body }) => ({ number, about: readMarker(body) }))
  .filter(({ about }) => about !== null);

let opened = 0;
for (const regression of failing) {
  const known = open.find(({ about }) => about.identity === regression.identity);
  if (known !== undefined) {
    continueIssue(known.number, regression);
  } else if (opened < maxOpenedPerNight) {
    openIssue(regression);
    opened += 1;
  } else {
    process.stdout.write(`not opened, ${maxOpenedPerNight} tonight are enough: ${titleOf(regression)}\n`);
  }
}
const still = new Set(failing.map(({ identity }) => identity));
for (const { number, about } of open.filter((issue) => !still.has(issue.about.identity))) {
  const passed = passedIn(decisions, about);
  if (passed !== null) {
    gh(['issue', 'close', `${number}`, '--comment', `Passes again in session ${passed.sessionId}.`]);
    process.stdout.write(`closed: #${number}\n`);
  }
}
