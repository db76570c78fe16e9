import type { Adapter } from '../model/adapter.ts';
import { codeExecute } from './code-execute.ts';
import { imageClassify } from './image-classify.ts';
import { infer } from './infer.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiSpeech } from './openai-speech.ts';
import { openaiTranscription } from './openai-transcription.ts';

export const adapters: readonly Adapter[] = [
  openaiTranscription,
  openaiSpeech,
  openaiChat,
  imageClassify,
  infer,
  codeExecute,
];
