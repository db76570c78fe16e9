/** What a server does, as a user would say it, and what is asked of it first. */
export interface ServerKind {
  id: string;
  title: string;
  profile: string;
  adapter: string;
  /** null: the one that the profile names. */
  corpus: string | null;
}

/** The first is the usual one. */
export const serverKinds: readonly ServerKind[] = [
  {
    id: 'speech-to-text',
    title: 'transcribes audio (POST /v1/audio/transcriptions)',
    profile: 'longform-sustained',
    adapter: 'openai-transcription',
    corpus: null,
  },
  {
    id: 'chat',
    title: 'answers prompts (POST /v1/chat/completions)',
    profile: 'sustained-overload',
    adapter: 'openai-chat',
    corpus: 'infer-prompts',
  },
  {
    id: 'embeddings',
    title: 'turns texts into vectors (POST /v1/embeddings)',
    profile: 'sustained-overload',
    adapter: 'openai-embeddings',
    corpus: 'infer-prompts',
  },
  {
    id: 'text-to-speech',
    title: 'speaks texts (POST /v1/audio/speech)',
    profile: 'sustained-overload',
    adapter: 'openai-speech',
    corpus: 'tts-texts',
  },
  {
    id: 'images',
    title: 'takes large photos (multipart upload)',
    profile: 'large-image-ingest',
    adapter: 'image-classify',
    corpus: null,
  },
  {
    id: 'model',
    title: 'runs a model on images of many shapes (POST /predict)',
    profile: 'shape-storm',
    adapter: 'predict',
    corpus: null,
  },
  {
    id: 'sandbox',
    title: 'runs programs (POST /execute)',
    profile: 'execute-concurrency',
    adapter: 'code-execute',
    corpus: null,
  },
];
