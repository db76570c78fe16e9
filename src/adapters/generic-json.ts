import type { CallAdapter, ReplyCheck } from '../model/adapter.ts';
import { refuseConstant } from './templates/constant-request.ts';
import { judgeByRules } from './templates/judge-reply.ts';
import { filledPieces } from './templates/placeholders.ts';
import { neededTemplate, templateReader } from './templates/read-template.ts';
import { templatePath, withHeaders } from './templates/template-request.ts';
import { jsonSchema } from './templates/template-schema.ts';
import { jsonRequest } from './wire/json-request.ts';

const id = 'generic-json';
const hint =
  'A template of generic-json has: path, body, and optionally headers, reply and constant (profiles/README.md).';
const readTemplate = templateReader(jsonSchema, hint);

export const genericJson: CallAdapter = {
  kind: 'call',
  id,
  title: 'Any JSON, as a template says (--template FILE)',
  accepts: ['audio/', 'image/', 'text/'],

  request(item, options) {
    const template = readTemplate(neededTemplate(options, id));
    refuseConstant(template, item, options);
    const pieces = filledPieces(template.body, { item, options, form: 'json' });
    return withHeaders(jsonRequest(templatePath(template, item, options), pieces), template, item, options);
  },

  judge(reply, item, options): ReplyCheck {
    return judgeByRules(reply, readTemplate(neededTemplate(options, id)).reply ?? {}, item, options);
  },
};
