import { isRefused, type Refused, refused } from '../core/errors.ts';
import { parseDay } from '../core/grant/calendar.ts';
import { invalid } from '../core/ledger/account-words.ts';
import { markSubmitted, type SubmittedAnswer } from '../core/report/submit.ts';
import type { Ledger } from '../ports/ledger.ts';

export interface SubmitPorts {
  readonly ledger: Ledger;
  readonly isAdministrator: boolean;
  readonly zone: string;
}

export interface SubmitAsk {
  readonly number: string;
  /** Last day of the report that was made. */
  readonly endDay: number;
  /** As a person writes it: YYYY-MM-DD. */
  readonly submitted: string;
}

/** `grant report … --mark-submitted <date>`. FORBIDDEN, VALIDATION_ERROR. */
export async function submitReport(
  { number, endDay, submitted }: SubmitAsk,
  { ledger, isAdministrator, zone }: SubmitPorts,
): Promise<SubmittedAnswer | Refused> {
  if (!isAdministrator) {
    return refused('FORBIDDEN', 'only the SlurmUser and root may mark a report as submitted', {
      advice: 'leave --mark-submitted out to make the report alone',
    });
  }
  const submittedDay = parseDay(submitted);
  if (submittedDay === undefined) {
    const text = `--mark-submitted ${submitted.slice(0, 40)}: not a date`;
    return invalid('mark_submitted', text, 'use YYYY-MM-DD');
  }
  const request = {
    scope: 'site',
    verb: 'grant report',
    args: { number, end: endDay, submitted: submittedDay },
    audited: true,
  };
  const done = await ledger.decide(request, { awards: { numbers: [number] } }, (view) =>
    markSubmitted(view, { number, endDay, submittedDay, zone }),
  );
  return isRefused(done) ? done : done.answer;
}
