import type { CallAdapter } from '../model/adapter.ts';
import { openaiTranscription } from './openai-transcription.ts';

export const adapters: readonly CallAdapter[] = [openaiTranscription];
