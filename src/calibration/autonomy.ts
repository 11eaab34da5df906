/**
 * Earned autonomy: a person may permit a class of changes to be approved without being asked, but only with a bound on
 * how often the gates are wrong about it. The permission is asked again for every change, so it lapses by itself when the
 * measurements no longer count; any roll-back takes it away. By default nothing is permitted. Pure.
 */
import type { Evidence } from '../verification/types.js';
import { atMost, changeClassOf, changedStanding, standingOf, tabulate } from './figures.js';
import type { Autonomy, CalibrationEntry, ChangeClass, Permission, PermissionRequest } from './types.js';

/** Nobody may ask for less proof than this … */
export const boundMax = 0.1;
/** … or for a bound from fewer traps. */
export const trapsMin = 50;
/** So many rejections or faults in a row end the autonomy of a repository until it is granted anew. */
export const inARow = 3;

/** What happened in the repository, as far as it counts. */
export interface Happening {
  readonly stage: string;
  readonly decision: { readonly approve: boolean; readonly by: string } | null;
  /** ISO 8601. */
  readonly updatedAt: string;
}

/** `reason` is a sentence for people; null when nobody ever permitted anything for such a change. */
export type Answer =
  | { readonly kind: 'approve'; readonly reason: string }
  | { readonly kind: 'wait'; readonly reason: string | null };

export interface Question {
  readonly autonomy: Autonomy | null;
  readonly entries: readonly CalibrationEntry[];
  /** Proposals of the repository; any order. */
  readonly happenings: readonly Happening[];
  readonly evidence: Pick<
    Evidence,
    'repositoryId' | 'patch' | 'claimsGain' | 'environment' | 'plan' | 'lockHash' | 'baseline'
  >;
}

const wait = (reason: string | null): Answer => ({ kind: 'wait', reason });

/** May this change be approved without a person? */
export function mayApprove({ autonomy, entries, happenings, evidence }: Question): Answer {
  const changeClass = changeClassOf(evidence.patch.files, evidence.claimsGain);
  const permission = autonomy?.permissions.find((one) => one.changeClass === changeClass);
  if (permission === undefined) return wait(null);
  if (permission.revoked !== null)
    return wait(`The permission for ${changeClass} was taken back: ${permission.revoked.because}`);
  const broken = breakerOf(happenings, permission.grantedAt);
  if (broken !== null) return wait(`Waits for a person: ${broken}.`);
  const own = entries.filter(
    (entry) => entry.repositoryId === evidence.repositoryId && entry.changeClass === changeClass,
  );
  const now = standingOf(evidence);
  const current = own.filter((entry) => changedStanding(entry.standing, now).length === 0);
  const { traps } = tabulate(current);
  const { falseAcceptUpperBound: bound, minTraps } = permission;
  if (traps.total < minTraps) {
    const lapsed = [...new Set(own.flatMap((entry) => changedStanding(entry.standing, now)))];
    const since = lapsed.length === 0 ? '' : ` since a change of ${lapsed.join(', ')}`;
    return wait(
      `The permission for ${changeClass} rests: ${traps.total} of ${minTraps} traps are tried${since}.`,
    );
  }
  if (traps.upper > bound)
    return wait(
      `The permission for ${changeClass} rests: ${traps.wrong} wrong of ${traps.total} traps, ${atMost(traps.upper)}, and at most ${percent(bound)} is permitted.`,
    );
  return {
    kind: 'approve',
    reason: `${changeClass}: ${traps.wrong} wrong of ${traps.total} traps, ${atMost(traps.upper)} (permitted by ${permission.grantedBy}: ${percent(bound)})`,
  };
}

/** Why nothing is approved by itself any more in this repository; null when all is well. */
function breakerOf(happenings: readonly Happening[], since: string): string | null {
  const recent = happenings
    .filter(({ updatedAt }) => updatedAt > since)
    .toSorted((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));
  const decided = recent.filter(({ decision }) => decision !== null && decision.by !== policyName);
  if (
    decided.length >= inARow &&
    decided.slice(0, inARow).every(({ decision }) => decision?.approve === false)
  )
    return `the last ${inARow} decisions of people were rejections`;
  const ended = recent.filter(({ stage }) => ['landed', 'failed', 'rolledBack'].includes(stage));
  if (ended.length >= inARow && ended.slice(0, inARow).every(({ stage }) => stage === 'failed'))
    return `the last ${inARow} changes ended by a fault`;
  return null;
}

/** Who approved, in decisions and in the audit log. */
export const policyName = 'policy';

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** A request that cannot be granted, in words; null when it can. */
export function refusalOf(request: PermissionRequest): string | null {
  const { changeClass, falseAcceptUpperBound: bound, minTraps } = request;
  if (changeClass === 'beyond-source')
    return 'Changes beyond source files are never approved without a person.';
  if (!(bound > 0 && bound <= boundMax))
    return `A bound of ${bound} cannot be granted: give a share above 0 and at most ${boundMax}.`;
  if (!Number.isInteger(minTraps) || minTraps < trapsMin)
    return `${minTraps} traps are too few: give a whole number of at least ${trapsMin}.`;
  return null;
}

/** With a new permission; an older one for the same class is replaced, and its revocation forgotten. */
export function granted(
  autonomy: Autonomy | null,
  request: PermissionRequest,
  by: { readonly name: string; readonly at: string },
): Autonomy {
  const others = (autonomy?.permissions ?? []).filter((one) => one.changeClass !== request.changeClass);
  const permission: Permission = { ...request, grantedBy: by.name, grantedAt: by.at, revoked: null };
  return { schemaVersion: 1, permissions: [...others, permission] };
}

/** Without the permission for one class, or for all of them; null when there was none to take. */
export function revoked(
  autonomy: Autonomy | null,
  changeClass: ChangeClass | 'all',
  revocation: NonNullable<Permission['revoked']>,
): Autonomy | null {
  if (autonomy === null) return null;
  const affected = (one: Permission): boolean =>
    one.revoked === null && (changeClass === 'all' || one.changeClass === changeClass);
  if (!autonomy.permissions.some(affected)) return null;
  return {
    ...autonomy,
    permissions: autonomy.permissions.map((one) => (affected(one) ? { ...one, revoked: revocation } : one)),
  };
}
