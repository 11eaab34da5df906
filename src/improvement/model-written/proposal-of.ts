/** A change that a model wrote, as a proposal like any other: labelled, and with nothing of the model's taken for true. */
import { createHash } from 'node:crypto';
import type { CommitId } from '../../versioning/types.js';
import { riskOf } from '../policy.js';
import type { Proposal } from '../types.js';
import type { Written } from './types.js';

/** The words of the gates stand first; what the model says follows in quotes. */
export function proposalOfWritten(
  { target, declaration, patch, claims, attempt }: Written,
  of: { readonly repositoryId: string; readonly cycleId: string; readonly base: CommitId },
): Proposal {
  const identity = createHash('sha256').update(of.cycleId).update(patch.digest).digest('hex');
  const lines = patch.files.reduce((sum, file) => sum + Math.max(file.addedLines, file.removedLines), 0);
  const assumptions = [
    `Written by a language model (${attempt.model}, prompt ${attempt.prompt.slice(0, 8)}, seed ${attempt.seed}); nothing of it is proved by rules.`,
    ...claims.assumptions.map((text) => `The model assumes: “${text}”`),
  ];
  return {
    ...of,
    id: `p-${identity.slice(0, 10)}`,
    proposer: 'model',
    rule: target.rule,
    tier: 'T3',
    title: `Rewrite ${declaration}, written by a model`,
    reason: `${target.title}. The model says: “${claims.reason}”`,
    preconditions: [
      'One declaration is replaced; name, parameters, types and export are those of the file.',
      'No import and no name from elsewhere; comments of the model were taken out.',
      'Types, suite and equivalence were tried before it was proposed.',
    ],
    assumptions,
    fingerprints: [target.key],
    patch,
    claimsGain: true,
    complexity: claims.complexity,
    impact: target.effect,
    risk: riskOf({ tier: 'T3', assumptions: assumptions.length, hotShare: target.hotShare, lines }),
    place: { file: target.file, line: target.line },
  };
}
