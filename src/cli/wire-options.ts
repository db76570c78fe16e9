import type { Command } from 'commander';
import { BenchError } from '../base/errors.ts';
import { isLoopbackHost } from '../base/loopback.ts';
import { type Adapter, type AdapterOptions, defaultServe, leaseMsAt } from '../model/adapter.ts';
import type { Corpus } from '../model/corpus.ts';
import { readOptionFile } from './option-file.ts';
import { address, urlPath } from './option-values.ts';

/** How one request is made. */
export interface CallOptions {
  model: string;
  path?: string;
  stream: boolean;
  template?: string;
  ca?: string;
}

/** How the wire format is spoken, and where else it is. */
export interface WireOptions extends CallOptions {
  neighbour?: URL;
  jobsListen?: { host: string; port: number };
  jobsToken?: string;
}

/** `127.0.0.1:9500`, `[::1]:9500`. */
function listenPlace(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || Number(match?.[3]) > 65_535) {
    throw new BenchError('USAGE', `--jobs-listen "${text}" is not HOST:PORT.`, {
      hint: 'Write it like 127.0.0.1:9500; port 0 takes a free one.',
    });
  }
  return { host, port: Number(match?.[3]) };
}

/** What a request is made of where a format is declared and not coded: of the commands that only plan, too. */
export function addTemplateOption(command: Command): Command {
  return command.option(
    '--template <file>',
    'YAML that says how generic-json, generic-multipart or kserve-v2 speak: see profiles/README.md',
  );
}

/** A template file by its name, for `AdapterOptions`. */
export function readTemplateFile(fileName: string | undefined): AdapterOptions['template'] {
  return fileName === undefined ? null : { text: readOptionFile('--template', fileName), fileName };
}

/** A template that cannot be read, or an item that it cannot carry, is told before anything is sent. */
export function tryOneRequest(
  { adapter, corpus }: { adapter: Adapter; corpus: Corpus },
  options: AdapterOptions,
): void {
  const [first] = corpus.items;
  if (adapter.kind === 'call' && first !== undefined) {
    adapter.request(first, options);
  }
}

/** Of all that sends, be it one request. */
export function addCallOptions(command: Command): Command {
  return addTemplateOption(command)
    .option('--model <name>', 'value of the model field', 'whisper-1')
    .option('--path <path>', "path of the endpoint, if it is not the format's own", urlPath)
    .option('--stream', 'asks for a streamed reply, where the format has one', false)
    .option('--ca <file>', "certificate authorities, PEM, that the target's certificate is checked against too");
}

export function addWireOptions(command: Command): Command {
  return addCallOptions(command)
    .option('--neighbour <url>', "where the profile's neighbour answers; default: the target itself", address)
    .option('--jobs-listen <host:port>', 'where pull workers find our job API; default: a free port', listenPlace)
    .option('--jobs-token <token>', 'what pull workers must show; never stored');
}

export function readAuthorities({ ca }: CallOptions): string | null {
  return ca === undefined ? null : readOptionFile('--ca', ca);
}

/** `isReference`: our own server, which decodes what we plant and is told where the jobs are. */
export function parseAdapterOptions(options: WireOptions, isReference: boolean, scale: number): AdapterOptions {
  const { model, path, stream, template, jobsListen, jobsToken } = options;
  if (jobsListen !== undefined && jobsToken === undefined && !isLoopbackHost(jobsListen.host)) {
    throw new BenchError('USAGE', `--jobs-listen ${jobsListen.host} is open to others, and there is no --jobs-token.`, {
      hint: 'Add --jobs-token, or listen on 127.0.0.1.',
    });
  }
  return {
    model,
    check: isReference ? 'tokens' : 'auto',
    path: path ?? null,
    stream,
    template: readTemplateFile(template),
    serve: {
      ...defaultServe,
      ...jobsListen,
      token: jobsToken ?? null,
      leaseMs: leaseMsAt(scale),
      announces: isReference || path !== undefined,
    },
  };
}

/** What --header says, names in lower case; no message holds a value. */
export function parseHeaders(texts: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const text of texts) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$/.exec(text);
    if (match?.[1] === undefined || match[2] === undefined) {
      throw new BenchError('USAGE', 'A --header is not of the form "Name: value".', {
        hint: "For example --header 'Authorization: Bearer KEY'.",
      });
    }
    headers[match[1].toLowerCase()] = match[2];
  }
  return headers;
}
