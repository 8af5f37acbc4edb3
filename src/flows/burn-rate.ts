import { type Projection, project } from '../core/burn/project.ts';
import { type BurnDay, burnDays } from '../core/burn/rate.ts';
import { recommendations } from '../core/burn/recommend.ts';
import { isRefused, type Refused } from '../core/errors.ts';
import { startOfDay } from '../core/grant/calendar.ts';
import type { AlertReport } from '../ports/reports.ts';
import type { BurnPorts } from './steps/burn-facts.ts';
import { type BurnQuery, type BurnReading, readBurn } from './steps/read-burn.ts';

export interface BurnAnswer extends BurnReading {
  /** Each day of the period, oldest first. */
  readonly days: readonly BurnDay[];
  /** Undefined: not enough data. */
  readonly projection: Projection | undefined;
  readonly recommendations: readonly string[];
  /** Active ones, gravest first. */
  readonly alerts: readonly AlertReport[];
}

const MICROS = 1_000_000;

/** `burn-rate`: how an account or a grant spends beside its plan. NOT_FOUND, VALIDATION_ERROR. */
export async function showBurnRate(
  query: BurnQuery,
  ports: BurnPorts,
): Promise<BurnAnswer | Refused> {
  const reading = await readBurn(query, ports);
  if (isRefused(reading)) {
    return reading;
  }
  const { spender, plan, metrics } = reading;
  const projection = project(plan);
  return {
    ...reading,
    days: burnDays(plan, metrics.window),
    projection,
    recommendations: recommendations(plan, { ...spender, metrics, projection }),
    alerts: await activeAlerts(reading, ports),
  };
}

/** Those that stand now; of a past day those that stood when it began. */
async function activeAlerts(
  { spender, asOf }: BurnReading,
  { reports, clock, zone }: BurnPorts,
): Promise<readonly AlertReport[]> {
  const { kind, name } = spender;
  const whose = kind === 'grant' ? { grantNumber: name } : { accountName: name };
  if (asOf.isPast) {
    const us = startOfDay(asOf.day, zone) * MICROS;
    const statuses = ['active', 'acknowledged', 'resolved'] as const;
    return await reports.alerts({ ...whose, statuses, fromUs: us, toUs: us });
  }
  const awakeAtS = Math.floor(clock.nowUs() / MICROS);
  return await reports.alerts({ ...whose, statuses: ['active'], awakeAtS });
}
