/** The configuration of the analysis as people write it; docs/schemas/ratchet-config.schema.json is made from this. */
import { z } from 'zod';

const globs = z.array(z.string().min(1).max(300)).max(200);
const level = z.enum(['critical', 'high', 'medium', 'low', 'info']);

export const ConfigSchema = z.strictObject({
  $schema: z.string().max(1_000).optional().describe('Where the schema of this file is; for editors.'),
  include: globs.optional().describe('Globs relative to the root: only these files.'),
  exclude: globs.optional().describe('Globs relative to the root: not these files.'),
  rules: z
    .record(z.string().min(1).max(100), z.enum([...level.options, 'off']))
    .optional()
    .describe('Severity by rule id, or "off".'),
  failOn: level.optional().describe('Exit with 1 when a finding is as severe as this.'),
  baseline: z
    .string()
    .min(1)
    .max(1_000)
    .optional()
    .describe('File of known findings, relative to the root; written by --write-baseline.'),
  newOnly: z.boolean().optional().describe('Only findings that are not in the baseline.'),
  top: z.number().int().min(0).max(100_000).optional().describe('How many findings the table shows.'),
  compat: z
    .enum(['specification', 'sonarjs'])
    .optional()
    .describe('Whose definition of cognitive complexity is counted.'),
});
