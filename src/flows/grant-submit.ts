import type { Settings } from '../core/config/settings.ts';
import { isRefused, type Refused, refused } from '../core/errors.ts';
import { parseDate } from '../core/grant/calendar.ts';
import { invalid } from '../core/ledger/account-words.ts';
import { markSubmitted, type SubmittedAnswer } from '../core/report/submit.ts';
import type { Ledger } from '../ports/ledger.ts';

export interface SubmitPorts {
  readonly ledger: Ledger;
  readonly isAdministrator: boolean;
  readonly zone: string;
  readonly settings: Pick<Settings, 'grant_management'>;
}

export interface SubmitAsk {
  readonly number: string;
  /** Last day of the report that was made. */
  readonly endDay: number;
  /** As a person writes it: YYYY-MM-DD. */
  readonly submitted: string;
}

/**
 * `grant report … --mark-submitted <date>`. Tried first, so that no report is written that cannot be marked,
 * and done when it is written. FORBIDDEN, VALIDATION_ERROR.
 */
export async function submitReport(
  { number, endDay, submitted }: SubmitAsk,
  { ledger, isAdministrator, zone, settings }: SubmitPorts,
  how: 'try' | 'do',
): Promise<SubmittedAnswer | Refused> {
  if (!isAdministrator) {
    return refused('FORBIDDEN', 'only the SlurmUser and root may mark a report as submitted', {
      advice: 'leave --mark-submitted out to make the report alone',
    });
  }
  const submittedDay = parseDate(submitted, zone);
  if (submittedDay === undefined) {
    const text = `--mark-submitted ${submitted.slice(0, 40)}: not a date`;
    return invalid('mark_submitted', text, 'use YYYY-MM-DD');
  }
  const dueDays = settings.grant_management.report_due_days;
  const request = {
    scope: 'site',
    verb: 'grant report',
    args: { number, end: endDay, submitted: submittedDay },
    audited: true,
  };
  const query = { awards: { numbers: [number] } };
  const ask = { number, endDay, submittedDay, zone, dueDays };
  const tried = how === 'try' ? markSubmitted(await ledger.read(query), ask) : undefined;
  if (tried !== undefined && !isRefused(tried)) {
    return tried.answer;
  }
  const done = await ledger.decide(request, query, (view) => markSubmitted(view, ask));
  return isRefused(done) ? done : done.answer;
}
