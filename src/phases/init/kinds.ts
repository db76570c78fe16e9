/** What a server does, as a user would say it, and what is asked of it first. */
export interface ServerKind {
  id: string;
  title: string;
  profile: string;
  adapter: string;
  /** null: the one that the profile names. */
  corpus: string | null;
  /** The file that says what is sent, written beside bench.yaml; null: the format needs none. */
  template: { fileName: string; text: string } | null;
}

const jsonTemplate = `# What bench sends to your server, by POST; all keys: "A template" in Headroom's profiles/README.md.
path: /generate

# {{text}} is the item, escaped for JSON. Also {{base64}}, {{model}}, {{fileName}}, {{mediaType}}, {{sha256}}.
body: '{"prompt": "{{text}}"}'

# headers: { X-Client: bench }

# Where the answer stands in the reply (a JSON pointer); a reply without it counts as a failure.
# reply:
#   text: { pointer: /output }
#   error: { pointer: /error }
`;

/** The first is the usual one. */
export const serverKinds: readonly ServerKind[] = [
  {
    id: 'speech-to-text',
    title: 'transcribes audio (POST /v1/audio/transcriptions)',
    profile: 'longform-sustained',
    adapter: 'openai-transcription',
    corpus: null,
    template: null,
  },
  {
    id: 'chat',
    title: 'answers prompts (POST /v1/chat/completions)',
    profile: 'sustained-overload',
    adapter: 'openai-chat',
    corpus: 'infer-prompts',
    template: null,
  },
  {
    id: 'embeddings',
    title: 'turns texts into vectors (POST /v1/embeddings)',
    profile: 'sustained-overload',
    adapter: 'openai-embeddings',
    corpus: 'infer-prompts',
    template: null,
  },
  {
    id: 'text-to-speech',
    title: 'speaks texts (POST /v1/audio/speech)',
    profile: 'sustained-overload',
    adapter: 'openai-speech',
    corpus: 'tts-texts',
    template: null,
  },
  {
    id: 'images',
    title: 'takes large photos (multipart upload)',
    profile: 'large-image-ingest',
    adapter: 'image-classify',
    corpus: null,
    template: null,
  },
  {
    id: 'model',
    title: 'takes images as immich-ml does: a form with the fields entries and image (POST /predict)',
    profile: 'shape-storm',
    adapter: 'predict',
    corpus: null,
    template: null,
  },
  {
    id: 'sandbox',
    title: 'runs programs (POST /execute)',
    profile: 'execute-concurrency',
    adapter: 'code-execute',
    corpus: null,
    template: null,
  },
  {
    id: 'json',
    title: 'takes JSON of its own at a path of its own (POST)',
    profile: 'leak-rounds',
    adapter: 'generic-json',
    corpus: 'infer-prompts',
    template: { fileName: 'request.yaml', text: jsonTemplate },
  },
];
