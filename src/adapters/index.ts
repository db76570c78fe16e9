import type { Adapter } from '../model/adapter.ts';
import { codeExecute } from './code-execute.ts';
import { genericJson } from './generic-json.ts';
import { genericMultipart } from './generic-multipart.ts';
import { imageClassify } from './image-classify.ts';
import { infer } from './infer.ts';
import { jobQueue } from './job-queue.ts';
import { kserveV2 } from './kserve-v2.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiEmbeddings } from './openai-embeddings.ts';
import { openaiSpeech } from './openai-speech.ts';
import { openaiTranscription } from './openai-transcription.ts';
import { predict } from './predict.ts';
import { rawBody } from './raw-body.ts';

export const adapters: readonly Adapter[] = [
  openaiTranscription,
  openaiSpeech,
  openaiChat,
  openaiEmbeddings,
  kserveV2,
  predict,
  imageClassify,
  infer,
  codeExecute,
  jobQueue,
  rawBody,
  genericMultipart,
  genericJson,
];
