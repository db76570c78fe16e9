import { describe, expect, it } from 'vitest';
import { type TrialFacts, trialRemedy } from './trial-remedy.ts';

const answered: TrialFacts = {
  outcome: 'ok',
  errorCode: null,
  status: 200,
  adapter: 'openai-transcription',
  path: '/v1/audio/transcriptions',
  model: 'whisper-1',
  basePath: '/',
  template: null,
  hasHeaders: false,
  timeoutText: '60.0 s',
  mediaType: 'audio/wav',
  bytesText: '1.0 MiB',
  words: null,
  location: null,
  isPage: false,
  isEmpty: false,
  isUnread: false,
};
const refusal = (status: number, more: Partial<TrialFacts> = {}): TrialFacts => ({
  ...answered,
  outcome: 'http_error',
  errorCode: `http_${status}`,
  status,
  ...more,
});
const broken = (outcome: string, errorCode: string, more: Partial<TrialFacts> = {}): TrialFacts => ({
  ...answered,
  outcome,
  errorCode,
  status: null,
  ...more,
});
const unfit = (errorCode: string, more: Partial<TrialFacts> = {}): TrialFacts => ({
  ...answered,
  outcome: 'semantic_error',
  errorCode,
  ...more,
});

describe('trialRemedy', () => {
  it('has nothing to say of an answer that is checked', () => {
    expect(trialRemedy(answered)).toBeNull();
  });

  it.each([
    { facts: refusal(404), says: '--path', why: 'the path' },
    { facts: refusal(404), says: 'openai-transcription', why: 'the adapter' },
    { facts: refusal(404, { template: 'ours.yaml' }), says: 'in ours.yaml', why: 'the path stands in the template' },
    { facts: refusal(404, { words: 'The model `x` does not exist.' }), says: '--model', why: 'vLLM has no such model' },
    {
      facts: refusal(404, { basePath: '/v1/', path: '/v1/v1/audio/transcriptions' }),
      says: 'leave /v1 out of --target',
      why: 'the base is there twice',
    },
    { facts: refusal(405), says: '--path', why: 'another page' },
    { facts: refusal(401), says: '--header', why: 'no key' },
    { facts: refusal(403), says: 'BENCH_HEADER', why: 'no key, and where it is not seen' },
    { facts: refusal(401, { hasHeaders: true }), says: 'check the key', why: 'a wrong key' },
    { facts: refusal(400, { words: 'Invalid model name' }), says: '"whisper-1" was sent', why: 'the model' },
    { facts: refusal(422, { words: 'lang: Field required' }), says: '--adapter', why: 'the form' },
    { facts: refusal(422, { template: 'ours.yaml' }), says: 'body or parts in ours.yaml', why: 'the template' },
    {
      facts: refusal(400, { words: 'The plain HTTP request was sent to HTTPS port' }),
      says: 'https://',
      why: 'what nginx says',
    },
    { facts: refusal(413), says: '1.0 MiB were sent', why: 'too large' },
    { facts: refusal(415), says: 'audio/wav was sent', why: 'another format' },
    { facts: refusal(307, { location: 'http://other/' }), says: '(http://other/)', why: 'redirect' },
    { facts: refusal(429), says: 'idle', why: 'busy' },
    { facts: refusal(504), says: 'try again', why: 'cold start behind a proxy' },
    { facts: refusal(500), says: 'log', why: 'its own failure' },
    { facts: refusal(500, { errorCode: 'device_out_of_memory' }), says: 'accelerator', why: 'VRAM' },
    { facts: broken('refused', 'econnrefused'), says: 'start the server', why: 'nothing listens' },
    { facts: broken('refused', 'enotfound'), says: 'name in --target', why: 'DNS' },
    { facts: broken('refused', 'err_ssl_wrong_version_number'), says: 'http://', why: 'no TLS there' },
    { facts: broken('refused', 'depth_zero_self_signed_cert'), says: '--ca', why: 'its own authority' },
    { facts: broken('refused', 'ehostunreach'), says: 'address and port', why: 'anything else' },
    { facts: broken('timeout', 'while_waiting'), says: 'longer than 60.0 s with --timeout', why: 'a cold model' },
    { facts: broken('timeout', 'while_connecting'), says: 'check --target', why: 'a black hole' },
    { facts: broken('timeout', 'while_sending'), says: 'does not read', why: 'a stalled upload' },
    { facts: broken('closed_early', 'protocol_error'), says: 'no HTTP', why: 'another protocol' },
    { facts: broken('reset', 'econnreset'), says: 'log', why: 'it died' },
    { facts: unfit('not_json', { isPage: true }), says: 'web page', why: 'a front answered' },
    { facts: unfit('no_text'), says: 'another --adapter', why: 'another form' },
    { facts: unfit('no_text', { template: 'ours.yaml' }), says: 'reply in ours.yaml', why: 'another place' },
    { facts: unfit('empty_answer'), says: '--corpus speech-sentences', why: 'tones are silence to a recogniser' },
    { facts: unfit('empty_answer', { mediaType: 'text/plain' }), says: '--model', why: 'not a matter of sound' },
    { facts: unfit('wrong_answer'), says: 'does not fit', why: 'mixed up' },
    { facts: unfit('worker_died'), says: 'behind a status of success', why: 'an error in a 200' },
    { facts: { ...answered, isEmpty: true }, says: 'speech-sentences', why: 'an empty text counts as an answer' },
    {
      facts: { ...answered, isUnread: true, template: 'ours.yaml' },
      says: 'reply: text:',
      why: 'a template that reads nothing checks nothing',
    },
  ])('of $facts.outcome $facts.errorCode names $says: $why', ({ facts, says }) => {
    expect(trialRemedy(facts)).toContain(says);
  });
});
