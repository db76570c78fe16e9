import { z } from 'zod';

const shapeHint = 'must be a list of whole numbers, -1 at most once for the number of bytes';

function isShape(shape: readonly number[]): boolean {
  return shape.filter((side) => side === -1).length <= 1;
}

/** Which tensor the model takes, since each model has names of its own. */
export const kserveSchema = z
  .strictObject({
    input: z
      .strictObject({
        name: z.string().min(1).describe('Name of the input tensor'),
        datatype: z
          .enum(['BYTES', 'UINT8'], 'must be BYTES or UINT8')
          .describe('BYTES: the item is one element; UINT8: each of its bytes is'),
        shape: z
          .array(z.int().min(-1, shapeHint), shapeHint)
          .min(1, shapeHint)
          .refine(isShape, shapeHint)
          .optional()
          .describe('Shape of the tensor; [1, 1] for BYTES and [1, -1] for UINT8 if it is not said'),
      })
      .optional(),
    output: z.string().min(1).optional().describe('The one output that is asked for; all of them if it is not said'),
    binary: z.boolean('must be true or false').optional().describe('false: JSON alone, the item as base64'),
  })
  .refine(({ input, binary }) => binary !== false || input?.datatype !== 'UINT8', {
    path: ['binary'],
    message: 'must be true for UINT8: each byte would be a number of JSON',
  });

export type KserveTemplate = z.output<typeof kserveSchema>;
