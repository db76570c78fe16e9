import { z } from 'zod';
import { jsonPointerPattern } from './json-pointer.ts';
import { placeholderFault, sampleOf } from './placeholders.ts';

/** These say where a message ends, or are the format's own: a template that sets them sends something else. */
const ownHeaders = ['connection', 'content-length', 'content-type', 'host', 'transfer-encoding'];
// RFC 9110, 5.1 and 5.5: a token, and a value without control characters.
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerValue = /^[\t\x20-\x7e]*$/;

function text(): z.ZodString {
  return z.string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be a text') });
}

function filled(where: 'short' | 'body'): z.ZodString {
  return text().superRefine((held, context) => {
    const fault = placeholderFault(held, where);
    if (fault !== null) {
      context.addIssue({ code: 'custom', message: fault });
    }
  });
}

function isRegex(source: string): boolean {
  try {
    return new RegExp(source, 'su') instanceof RegExp;
  } catch {
    return false;
  }
}

/** Where in a reply something stands. */
const extractorSchema = z.union(
  [
    z.strictObject({
      pointer: z
        .string()
        .regex(jsonPointerPattern, 'must be a JSON pointer (RFC 6901) such as /segments/0/text')
        .describe('JSON pointer (RFC 6901) into a reply of JSON'),
    }),
    z.strictObject({
      regex: z
        .string()
        .min(1)
        .refine(isRegex, 'must be a regular expression of JavaScript')
        .describe('Regular expression over the reply as text; its first group, or all of it'),
    }),
  ],
  'must be one of {pointer: /json/pointer} and {regex: expression}',
);

export type Extractor = z.output<typeof extractorSchema>;

const replySchema = z.strictObject({
  mediaTypes: z.array(z.string().min(1)).min(1).optional().describe('Prefixes of its Content-Type; all others fail'),
  text: extractorSchema.optional().describe('The answer; a reply without it fails'),
  error: extractorSchema.optional().describe('Where it stands and is not empty, the reply is a failure'),
  usage: extractorSchema.optional().describe('Number of output tokens'),
});

export type ReplyRules = z.output<typeof replySchema>;

const shared = {
  path: filled('short')
    .regex(/^\/\S*$/, 'must begin with a slash and have no spaces')
    .describe('Where it is posted; --path replaces it'),
  headers: z
    .record(
      z
        .string()
        .regex(headerName, 'must be the name of a header')
        .refine((name) => !ownHeaders.includes(name.toLowerCase()), `must be none of ${ownHeaders.join(', ')}`),
      filled('short').regex(headerValue, 'must be one line of ASCII'),
    )
    .optional()
    .describe('Sent with every request'),
  reply: replySchema.optional().describe('How a reply is read'),
  constant: z
    .literal(true, 'must be true, or not there')
    .optional()
    .describe('The same bytes are sent every time, on purpose: nothing of the item is in them'),
};

const partSchema = z.union(
  [
    z.strictObject({ name: z.string().min(1), value: filled('body') }),
    z.strictObject({
      name: z.string().min(1),
      file: z.literal('item', 'must be "item"'),
      fileName: filled('short').optional(),
      contentType: filled('short').regex(headerValue, 'must be one line of ASCII').optional(),
    }),
  ],
  'must be one of {name, value} and {name, file: item, fileName, contentType}',
);

export type TemplatePart = z.output<typeof partSchema>;

export const multipartSchema = z.strictObject({
  ...shared,
  parts: z.array(partSchema).min(1, 'must have at least one part').describe('The parts of the form, in order'),
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export const jsonSchema = z.strictObject({
  ...shared,
  body: filled('body')
    .refine((body) => isJson(sampleOf(body)), 'must be JSON once its placeholders are filled in; texts need quotes')
    .describe('The JSON that is sent, with placeholders such as {{base64}}'),
});
