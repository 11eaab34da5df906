/** The structured answer of a model. No lengths in the schema: grammars of servers grow with them; they are checked later. */
import { z } from 'zod';

export const answerSchema = z.object({
  /** First, so that the text is thought of before it is written. */
  reason: z.string(),
  code: z.string(),
  complexityBefore: z.string(),
  complexityAfter: z.string(),
  risk: z.enum(['low', 'medium', 'high']),
  assumptions: z.array(z.string()),
});

export type Answer = z.infer<typeof answerSchema>;
