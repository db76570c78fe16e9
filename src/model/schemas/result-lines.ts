import { z } from 'zod';
import { count, figure, text, textOrNull } from './parts.ts';

export const seriesSchema = z.looseObject({
  tMs: z.array(z.number()),
  values: z.array(figure).describe('null is a gap'),
});

export const memoryAgainstLoadSchema = z.looseObject({
  points: z.array(z.looseObject({ stage: text, inFlight: z.number(), peakBytes: z.number(), isCut: z.boolean() })),
  baseBytes: z.number(),
  fit: z
    .looseObject({
      bytesPerInFlight: z.number(),
      lowerBytesPerInFlight: z.number(),
      upperBytesPerInFlight: z.number(),
    })
    .nullable(),
});

export const roundLineSchema = z.looseObject({
  family: text,
  metric: text,
  floors: z.array(
    z.looseObject({
      round: count,
      stage: text,
      startMs: z.number(),
      requests: count,
      bytes: z.number(),
      isWarmup: z.boolean(),
    }),
  ),
  fit: z
    .looseObject({
      bytesPerRound: z.number(),
      lowerBytesPerRound: z.number(),
      upperBytesPerRound: z.number(),
      interceptBytes: z.number(),
    })
    .nullable(),
});

export const latencyCurveSchema = z.looseObject({
  stage: textOrNull,
  from: z.enum(['planned', 'sent']),
  answers: count,
  points: z.array(z.looseObject({ ratio: z.number(), ms: z.number() })),
});
