import type { IncomingMessage } from 'node:http';
import { finished, pipeline } from 'node:stream/promises';
import { Busboy, type BusboyFileStream, type BusboyHeaders } from '@fastify/busboy';
import { messageOf } from '../base/errors.ts';
import type { Spool, SpoolFile } from './spool.ts';

/** Largest file taken, as in the incident's server. */
export const maxFileBytes = 250 * 1024 ** 2;

/** What the form may weigh besides its file. */
const formOverheadBytes = 1024 ** 2;

/** A refusal that becomes the reply. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'RequestError';
    this.status = status;
    this.code = code;
  }
}

/** What a form held; its file is on disk. */
export interface Form {
  file: SpoolFile | null;
  fields: ReadonlyMap<string, string>;
}

export interface Upload extends Form {
  file: SpoolFile;
}

/** Announced body length, or null for a chunked body. */
export function announcedBytes(request: IncomingMessage): number | null {
  const bytes = Number(request.headers['content-length'] ?? Number.NaN);
  return Number.isFinite(bytes) ? bytes : null;
}

function tooLarge(): RequestError {
  return new RequestError(413, 'file_too_large', `The file is larger than ${maxFileBytes / 1024 ** 2} MiB.`);
}

function openForm(request: IncomingMessage): Busboy {
  const type = request.headers['content-type'] ?? '';
  try {
    if (!type.startsWith('multipart/form-data')) {
      throw new Error(`the content type is "${type}"`);
    }
    return new Busboy({
      headers: request.headers as BusboyHeaders,
      limits: { fileSize: maxFileBytes, fields: 32, fieldSize: 64 * 1024, parts: 64 },
    });
  } catch (error) {
    throw new RequestError(400, 'not_multipart', `Send multipart/form-data: ${messageOf(error)}.`);
  }
}

interface FilePart {
  spooled: SpoolFile;
  written: Promise<void>;
  source: BusboyFileStream;
}

/**
 * Streams the file of one field to the spool; a form without it has null. Throws `RequestError` and leaves no
 * file behind if the form breaks off, is none, or its file is too large.
 */
export async function receiveForm(request: IncomingMessage, spool: Spool, field: string): Promise<Form> {
  if ((announcedBytes(request) ?? 0) > maxFileBytes + formOverheadBytes) {
    throw tooLarge();
  }
  const form = openForm(request);
  const fields = new Map<string, string>();
  const parts: FilePart[] = [];
  form.on('field', (name, value) => fields.set(name, value));
  form.on('file', (name, source) => {
    if (name !== field || parts.length > 0) {
      source.resume();
      return;
    }
    const spooled = spool.create();
    const written = pipeline(source, spooled.stream);
    // Awaited below; until then an abort must not count as unhandled.
    written.catch(() => undefined);
    parts.push({ spooled, written, source });
  });
  try {
    await pipeline(request, form);
    await finished(form, { readable: false });
    const [part] = parts;
    await part?.written;
    if (part?.source.truncated === true) {
      throw tooLarge();
    }
    return { file: part?.spooled ?? null, fields };
  } catch (error) {
    const [part] = parts;
    part?.source.destroy();
    await part?.spooled.remove();
    throw error instanceof RequestError
      ? error
      : new RequestError(400, 'upload_incomplete', `The upload broke off: ${messageOf(error)}.`);
  }
}

/** A form that must have a file in its field `file`. */
export async function receiveUpload(request: IncomingMessage, spool: Spool): Promise<Upload> {
  const { file, fields } = await receiveForm(request, spool, 'file');
  if (file === null) {
    throw new RequestError(400, 'no_file', 'The form has no field "file" with a file.');
  }
  return { file, fields };
}
