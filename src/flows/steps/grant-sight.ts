import { isRefused, type Refused } from '../../core/errors.ts';
import { type GrantOutline, outlineGrant } from '../../core/grant/outline.ts';
import type { AwardFigures } from '../../core/grant/view.ts';
import type { GrantReport, Reports } from '../../ports/reports.ts';
import type { Clock } from '../../ports/system.ts';
import { type AsOf, asOfDay } from './burn-facts.ts';
import { oneGrant } from './find-grant.ts';

/** A grant as people see it on a day. */
export interface GrantSight {
  readonly figures: AwardFigures;
  readonly outline: GrantOutline;
  /** YYYYMMDD in the site zone. */
  readonly today: number;
  readonly zone: string;
}

export function sightOf(
  { figures, days }: Pick<GrantReport, 'figures' | 'days'>,
  { day, isPast }: AsOf,
  zone: string,
): GrantSight {
  const outline = outlineGrant(figures, days, { today: day, isPast, zone });
  return { figures, outline, today: day, zone };
}

export interface SightPorts {
  readonly reports: Pick<Reports, 'grants' | 'grantNumbers'>;
  readonly clock: Pick<Clock, 'nowUs'>;
  /** `site.timezone`. */
  readonly zone: string;
}

/** NOT_FOUND with a suggestion, VALIDATION_ERROR (the date). */
export async function showGrantSight(
  number: string,
  ports: SightPorts,
  asOf?: string,
): Promise<GrantSight | Refused> {
  const day = asOfDay(asOf, ports);
  if (isRefused(day)) {
    return day;
  }
  const report = await oneGrant(number, ports.reports, { days: true, entries: true });
  return isRefused(report) ? report : sightOf(report, day, ports.zone);
}
