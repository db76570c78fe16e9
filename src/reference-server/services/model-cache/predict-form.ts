import type { IncomingMessage } from 'node:http';
import { finished, pipeline } from 'node:stream/promises';
import { Busboy, type BusboyFileStream, type BusboyHeaders } from '@fastify/busboy';
import { messageOf } from '../../../base/errors.ts';
import type { Spool, SpoolFile } from '../../spool.ts';
import { announcedBytes, maxFileBytes, RequestError } from '../../upload.ts';

const formOverheadBytes = 1024 ** 2;

/** A form whose image, if it has one, is on disk. */
export interface PredictForm {
  image: SpoolFile | null;
  fields: ReadonlyMap<string, string>;
}

interface ImagePart {
  spooled: SpoolFile;
  source: BusboyFileStream;
  written: Promise<void>;
}

function tooLarge(): RequestError {
  return new RequestError(413, 'file_too_large', `The image is larger than ${maxFileBytes / 1024 ** 2} MiB.`);
}

function openForm(request: IncomingMessage): Busboy {
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) {
    throw new RequestError(400, 'not_multipart', `Send multipart/form-data, not "${type}".`);
  }
  try {
    return new Busboy({
      headers: request.headers as BusboyHeaders,
      limits: { fileSize: maxFileBytes, fields: 16, fieldSize: 64 * 1024, parts: 32 },
    });
  } catch (error) {
    throw new RequestError(400, 'not_multipart', `The form cannot be read: ${messageOf(error)}.`);
  }
}

/** Streams the field `image` to the spool; throws `RequestError` and leaves no file behind if it breaks off. */
export async function receivePredictForm(request: IncomingMessage, spool: Spool): Promise<PredictForm> {
  if ((announcedBytes(request) ?? 0) > maxFileBytes + formOverheadBytes) {
    throw tooLarge();
  }
  const form = openForm(request);
  const fields = new Map<string, string>();
  const parts: ImagePart[] = [];
  form.on('field', (name, value) => fields.set(name, value));
  form.on('file', (name, source) => {
    if (name !== 'image' || parts.length > 0) {
      source.resume();
      return;
    }
    const spooled = spool.create();
    const written = pipeline(source, spooled.stream);
    // Awaited below; until then an abort must not count as unhandled.
    written.catch(() => undefined);
    parts.push({ spooled, source, written });
  });
  try {
    await pipeline(request, form);
    await finished(form, { readable: false });
    const [part] = parts;
    await part?.written;
    if (part?.source.truncated === true) {
      throw tooLarge();
    }
    return { image: part?.spooled ?? null, fields };
  } catch (error) {
    const [part] = parts;
    part?.source.destroy();
    await part?.spooled.remove();
    throw error instanceof RequestError
      ? error
      : new RequestError(400, 'upload_incomplete', `The upload broke off: ${messageOf(error)}.`);
  }
}
