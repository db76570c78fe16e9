import type { CorpusGenerator } from '../model/corpus.ts';
import { chatImages } from './chat-images.ts';
import { codeSnippets } from './code-snippets.ts';
import { imageJpeg } from './image-jpeg.ts';
import { imagePng } from './image-png.ts';
import { importedFiles } from './imported-files.ts';
import { prompts } from './prompts.ts';
import { speechLongform } from './speech-longform.ts';
import { speechSentences } from './speech-sentences.ts';
import { spokenTexts } from './spoken-texts.ts';

export const generators: readonly CorpusGenerator[] = [
  speechLongform,
  speechSentences,
  imageJpeg,
  imagePng,
  codeSnippets,
  prompts,
  chatImages,
  spokenTexts,
  importedFiles,
];
