import { ALERT_STATUSES, ALERT_TYPES, SEVERITIES } from '../core/alerts/rows.ts';
import { isRefused, type Refused } from '../core/errors.ts';
import type { AlertFilter, AlertReport, Reports } from '../ports/reports.ts';
import type { Clock } from '../ports/system.ts';
import { type OwnerNames, oneOfWords, unknownOwner } from './steps/ask-alert.ts';

export interface AlertListPorts {
  readonly reports: Reports;
  readonly clock: Pick<Clock, 'nowUs'>;
}

/** As a person writes it. */
export interface AlertQuery extends OwnerNames {
  readonly severity?: string | undefined;
  readonly type?: string | undefined;
  /** Absent: active, without those that sleep; `all`: every one. */
  readonly status?: string | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

const MICROS = 1_000_000;
const USUAL = 'active';

function filterOf(query: AlertQuery, nowS: number): AlertFilter | Refused {
  const { severity, type, status = USUAL, account, grant, limit, offset } = query;
  const wanted = status === 'all' ? undefined : oneOfWords(status, 'status', ALERT_STATUSES);
  const grave = severity === undefined ? undefined : oneOfWords(severity, 'severity', SEVERITIES);
  const kind = type === undefined ? undefined : oneOfWords(type, 'type', ALERT_TYPES);
  if (isRefused(wanted)) {
    return wanted;
  }
  if (isRefused(grave)) {
    return grave;
  }
  return isRefused(kind)
    ? kind
    : {
        accountName: account,
        grantNumber: grant,
        severity: grave,
        type: kind,
        statuses: wanted && [wanted],
        awakeAtS: query.status === undefined ? nowS : undefined,
        limit,
        offset,
      };
}

/** `alerts list`: gravest first, then newest. VALIDATION_ERROR, NOT_FOUND. */
export async function listAlerts(
  query: AlertQuery,
  { reports, clock }: AlertListPorts,
): Promise<readonly AlertReport[] | Refused> {
  const filter = filterOf(query, Math.floor(clock.nowUs() / MICROS));
  if (isRefused(filter)) {
    return filter;
  }
  const rows = await reports.alerts(filter);
  const unknown = rows.length === 0 ? await unknownOwner(query, reports) : undefined;
  return unknown ?? rows;
}
