import type { AdapterOptions, CallAdapter, ReplyCheck } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { refuseConstant } from './templates/constant-request.ts';
import { judgeByRules } from './templates/judge-reply.ts';
import { filledPieces, filledText } from './templates/placeholders.ts';
import { neededTemplate, templateReader } from './templates/read-template.ts';
import { templatePath, withHeaders } from './templates/template-request.ts';
import { multipartSchema, type TemplatePart } from './templates/template-schema.ts';
import { type FormPart, formRequest } from './wire/multipart.ts';

const id = 'generic-multipart';
const hint =
  'A template of generic-multipart has: path, parts, and optionally headers, reply and constant (profiles/README.md).';
const readTemplate = templateReader(multipartSchema, hint);

function partOf(part: TemplatePart, item: CorpusItem, options: AdapterOptions): FormPart {
  const filling = { item, options, form: 'plain' } as const;
  return 'value' in part
    ? { name: part.name, fileName: null, mediaType: null, pieces: filledPieces(part.value, filling) }
    : {
        name: part.name,
        fileName: part.fileName === undefined ? item.fileName : filledText(part.fileName, filling),
        mediaType:
          part.contentType === undefined
            ? item.mediaType
            : filledText(part.contentType, { ...filling, form: 'header' }),
        pieces: [{ item }],
      };
}

export const genericMultipart: CallAdapter = {
  kind: 'call',
  id,
  title: 'Any multipart form, as a template says (--template FILE)',
  accepts: ['audio/', 'image/', 'text/'],

  request(item, options) {
    const template = readTemplate(neededTemplate(options, id));
    refuseConstant(template, item, options);
    const parts = template.parts.map((part) => partOf(part, item, options));
    return withHeaders(formRequest(templatePath(template, item, options), item, parts), template, item, options);
  },

  judge(reply, item, options): ReplyCheck {
    return judgeByRules(reply, readTemplate(neededTemplate(options, id)).reply ?? {}, item, options);
  },
};
