import type { CorpusGenerator } from '../model/corpus.ts';
import { speechLongform } from './speech-longform.ts';

export const generators: readonly CorpusGenerator[] = [speechLongform];
