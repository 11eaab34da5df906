/** Evidence by digest, as it was stored and as a page that a person reads. */
import { Hono } from 'hono';
import type { ProposalStatus } from '../../activities/types.js';
import { calibrationOf } from '../../calibration/policy.js';
import type { CalibrationEntry } from '../../calibration/types.js';
import { isRatchetError, RatchetError } from '../../errors.js';
import type { Proposal } from '../../improvement/types.js';
import {
  renderReview,
  reviewData,
  reviewPolicy,
  untriedData,
  type ReviewData,
} from '../../verification/review/index.js';
import type { Evidence } from '../../verification/types.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import type { Operation } from '../operation.js';

/** Artifacts hold reports and patches too: only what has the form of evidence is shown as evidence. */
async function readEvidence({ artifacts }: ApiDependencies, digest: string): Promise<Evidence> {
  const value = await artifacts.getJson<Partial<Evidence> | null>(digest);
  if (!Array.isArray(value?.gates) || typeof value.deterministicDigest !== 'string') {
    throw new RatchetError('NOT_FOUND', `${digest} is not evidence.`, { where: digest });
  }
  return value as Evidence;
}

/** How often the gates were wrong about such changes. */
async function calibrated({ records }: ApiDependencies, evidence: Evidence): Promise<string> {
  try {
    return calibrationOf(await records.list<CalibrationEntry>('calibrations', 3_000), evidence);
  } catch (error) {
    // A damaged ledger says nothing; the evidence beside it is still worth reading.
    if (!isRatchetError(error) || error.code !== 'CORRUPT') throw error;
    return `Calibration: ${error.message}`;
  }
}

/** The page and the headers that keep a browser from doing anything but drawing it. */
function pageOf(subject: Parameters<typeof renderReview>[0]): Response {
  return new Response(renderReview(subject), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `${reviewPolicy}; frame-ancestors 'none'; sandbox`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'private, no-store',
    },
  });
}

/** The review page of a proposal's present evidence. @throws NOT_FOUND when there is none yet. */
export async function proposalReview(
  dependencies: ApiDependencies,
  status: ProposalStatus,
): Promise<Response> {
  if (!status.evidence) throw new RatchetError('NOT_FOUND', `${status.id} has no evidence yet.`);
  const evidence = await readEvidence(dependencies, status.evidence);
  const proposal = await dependencies.artifacts.getJson<Proposal>(status.artifact);
  const calibration = await calibrated(dependencies, evidence);
  const { evidence: digest, repositoryName } = status;
  return pageOf({ evidence, digest, proposal, repositoryName, calibration });
}

/** A proposal with everything that a reviewer is shown of it; the diff is in `review.files`. */
export interface ProposalView extends ProposalStatus {
  readonly proposal: Omit<Proposal, 'patch'>;
  readonly review: ReviewData;
}

export async function proposalView(
  dependencies: ApiDependencies,
  status: ProposalStatus,
): Promise<ProposalView> {
  const { patch, ...proposal } = await dependencies.artifacts.getJson<Proposal>(status.artifact);
  const { evidence: digest, repositoryName } = status;
  if (digest === null) return { ...status, proposal, review: untriedData(patch) };
  const evidence = await readEvidence(dependencies, digest);
  const calibration = await calibrated(dependencies, evidence);
  const subject = { evidence, digest, proposal, repositoryName, calibration };
  return { ...status, proposal, review: reviewData(subject) };
}

export function evidenceRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();
  routes.get('/:digest', async (context) =>
    context.json(await readEvidence(dependencies, context.req.param('digest'))),
  );
  routes.get('/:digest/review', async (context) => {
    const digest = context.req.param('digest');
    const evidence = await readEvidence(dependencies, digest);
    const calibration = await calibrated(dependencies, evidence);
    return pageOf({ evidence, digest, proposal: null, repositoryName: null, calibration });
  });
  return routes;
}

/** What these routes say of themselves. */
export const evidenceOperations: readonly Operation[] = [
  { id: 'readEvidence', at: 'GET /api/evidence/{digest}', summary: 'Evidence as it was stored' },
  {
    id: 'readEvidencePage',
    at: 'GET /api/evidence/{digest}/review',
    summary: 'The same as a page for people',
    kinds: ['html'],
  },
];
