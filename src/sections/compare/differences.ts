import { plainText } from '../../base/escape-html.ts';
import type { Block, ReportSection } from '../../model/section.ts';
import { shortHashes } from '../wording/short-hashes.ts';
import type { Candidate, Comparison } from './comparison.ts';

const words = { must: 'must agree', warn: 'should agree' } as const;

function blocksOf({ label, name, inWords }: Candidate): readonly Block[] {
  const isSame = inWords.length === 0;
  return isSame
    ? [{ type: 'paragraph', text: `${label} (${name}) and the baseline agree in every field that is compared.` }]
    : [
        {
          type: 'table',
          caption: `Where ${label} differs from the baseline`,
          headings: ['field', 'rule', 'baseline', label],
          rows: inWords.map(({ class: kind, field, baseline, candidate }) => [
            field,
            words[kind],
            plainText(shortHashes(baseline ?? 'not read'), 120),
            plainText(shortHashes(candidate ?? 'not read'), 120),
          ]),
        },
      ];
}

/** First of all, since a number that moved may have moved for one of these. */
export function differences({ candidates }: Comparison): ReportSection {
  return { id: 'differences', title: 'What differs around it', render: () => candidates.flatMap(blocksOf) };
}
