import { type GrantOutline, outlineGrant } from '../../core/grant/outline.ts';
import type { AwardFigures } from '../../core/grant/view.ts';
import type { GrantReport } from '../../ports/reports.ts';
import type { AsOf } from './burn-facts.ts';

/** A grant as people see it on a day. */
export interface GrantSight {
  readonly figures: AwardFigures;
  readonly outline: GrantOutline;
  /** YYYYMMDD in the site zone. */
  readonly today: number;
  readonly zone: string;
}

export function sightOf(report: GrantReport, { day, isPast }: AsOf, zone: string): GrantSight {
  const { figures, days } = report;
  const outline = outlineGrant(figures, days, { today: day, isPast, zone });
  return { figures, outline, today: day, zone };
}
