import { incidentOf } from './incidents.ts';
import { type PaperRow, tableLine } from './paper-table.ts';

const begin = '<!-- incidents: npm run paper -- --publish -->';
const end = '<!-- /incidents -->';

const headings = ['What happened', 'Fault', 'Number', 'In the incident', 'Faulty', 'Findings that fail', 'Fixed'];

/** A number that is not there is told by the finding that would have it, never as 0. */
function measured({ why, verdict, measured: value, measuredText, validity }: PaperRow): string {
  if (why !== null || verdict === null) {
    return `not measured: ${why}`;
  }
  const invalid = validity?.state === 'invalid' ? ', INVALID' : '';
  return `${value === null ? verdict : `${measuredText}: ${verdict}`}${invalid}`;
}

/** Of the README: a line an incident, faulty beside fixed. */
export function readmeTable(rows: readonly PaperRow[]): string {
  const lines = rows
    .filter(({ variant }) => variant === 'faulty')
    .map((faulty) => {
      const fixed = rows.find(({ incident, variant }) => incident === faulty.incident && variant === 'fixed');
      return tableLine([
        incidentOf(faulty.incident).story,
        `\`${faulty.fault}\``,
        faulty.measures,
        faulty.reported,
        measured(faulty),
        faulty.failing.map((detector) => `\`${detector}\``).join(', '),
        fixed === undefined ? 'not measured' : measured(fixed),
      ]);
    });
  return [tableLine(headings), tableLine(headings.map(() => '---')), ...lines].join('\n');
}

/** The page with its table anew; throws where the marks are gone. */
export function withIncidents(page: string, table: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(`README.md has no lines ${begin} and ${end} any more; put them around the table of incidents`);
  }
  return `${page.slice(0, from + begin.length)}\n${table}\n${page.slice(to)}`;
}
