import { isRefused, type Refused } from '../core/errors.ts';
import { AWARD_STATUSES, type AwardRow, type AwardStatus } from '../core/grant/rows.ts';
import { asOfDay } from './steps/burn-facts.ts';
import { type GrantSight, type SightPorts, showGrantSight, sightOf } from './steps/grant-sight.ts';

/** What `--status` may say. */
export const AWARD_STATUS_OPTIONS = AWARD_STATUSES;

/** As a person writes it. */
export interface GrantListQuery {
  /** Status active, and the day lies in the grant. */
  readonly active: boolean;
  readonly status?: AwardStatus | undefined;
  /** Parts of the names, whatever their case. */
  readonly agency?: string | undefined;
  readonly pi?: string | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  readonly asOf?: string | undefined;
}

function isPart(text: string, whole: string): boolean {
  return whole.toLocaleLowerCase('en').includes(text.trim().toLocaleLowerCase('en'));
}

function isAsked(award: AwardRow, query: GrantListQuery): boolean {
  return (
    (query.status === undefined || award.status === query.status) &&
    (query.agency === undefined || isPart(query.agency, award.agency)) &&
    (query.pi === undefined ||
      [award.pi, ...award.coPis].some((name) => isPart(query.pi ?? '', name)))
  );
}

function isRunning({ outline: { award, plan }, today }: GrantSight): boolean {
  return award.status === 'active' && plan.startDay <= today && today <= plan.endDay;
}

/** `grant list`: newest first. VALIDATION_ERROR. */
export async function listGrants(
  query: GrantListQuery,
  ports: SightPorts,
): Promise<readonly GrantSight[] | Refused> {
  const asOf = asOfDay(query.asOf, ports);
  if (isRefused(asOf)) {
    return asOf;
  }
  const reports = await ports.reports.grants({});
  const found = reports
    .filter(({ figures }) => isAsked(figures.award, query))
    .map((report) => sightOf(report, asOf, ports.zone))
    .filter((sight) => !query.active || isRunning(sight));
  const { offset = 0, limit = found.length } = query;
  return found.slice(offset, offset + limit);
}

/** `grant show`, `grant periods`. NOT_FOUND with a suggestion, VALIDATION_ERROR. */
export async function showGrant(
  { number, asOf }: { readonly number: string; readonly asOf?: string | undefined },
  ports: SightPorts,
): Promise<GrantSight | Refused> {
  return await showGrantSight(number, ports, asOf);
}
