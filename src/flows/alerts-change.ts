import { type AlertAnswer, acknowledge, dismiss, snooze } from '../core/alerts/people.ts';
import { parsePersonsDuration } from '../core/config/duration.ts';
import { isRefused, type Refused } from '../core/errors.ts';
import { parseStart } from '../core/grant/calendar.ts';
import { invalid } from '../core/ledger/account-words.ts';
import type { Decision } from '../core/ledger/change.ts';
import type { View } from '../core/ledger/view.ts';
import type { AlertReport } from '../ports/reports.ts';
import type { AlertPorts } from './steps/alert-ports.ts';
import { decideOnce, type Manner } from './steps/ask-account.ts';
import { idOf } from './steps/ask-alert.ts';

export interface AlertDone {
  readonly report: AlertReport;
  readonly isChanged: boolean;
  readonly isDryRun: boolean;
}

interface Act extends Manner {
  readonly id: number;
  readonly verb: string;
  readonly args: Readonly<Record<string, string | number>>;
  readonly choose: (view: View) => Decision<AlertAnswer> | Refused;
}

const MICROS = 1_000_000;
const MS_PER_SECOND = 1000;

async function perform(act: Act, ports: AlertPorts): Promise<AlertDone | Refused> {
  const query = { alerts: { ids: [act.id] } };
  const chosen = act.dryRun ? act.choose(await ports.ledger.read(query)) : undefined;
  const decided = chosen ?? (await decideOnce({ ...act, query }, ports));
  if (isRefused(decided)) {
    return decided;
  }
  const [report] = await ports.reports.alerts({ ids: [act.id] });
  const planned = chosen !== undefined && !isRefused(chosen) ? chosen.changes : [];
  const row = planned.flatMap((change) => (change.change === 'putAlert' ? [change.row] : []))[0];
  const isChanged = 'isChanged' in decided ? decided.isChanged : planned.length > 0;
  return report === undefined
    ? invalid('id', `alert ${act.id} cannot be read again`)
    : {
        report: { ...report, row: row ?? report.row },
        isChanged,
        isDryRun: act.dryRun,
      };
}

export interface Acknowledging extends Manner {
  readonly id: string;
  readonly user: string;
  readonly notes?: string | undefined;
}

/** `alerts acknowledge`. VALIDATION_ERROR, NOT_FOUND, IN_USE. */
export async function acknowledgeAlert(
  { id: text, user: by, notes = '', ...manner }: Acknowledging,
  ports: AlertPorts,
): Promise<AlertDone | Refused> {
  const id = idOf(text, 'an alert');
  if (isRefused(id)) {
    return id;
  }
  const args = { id, user: by, notes };
  const verb = 'alerts acknowledge';
  return await perform(
    { ...manner, id, verb, args, choose: (view) => acknowledge(view, { id, by, notes }) },
    ports,
  );
}

/** `alerts dismiss`. VALIDATION_ERROR, NOT_FOUND, IN_USE. */
export async function dismissAlert(
  { id: text, ...manner }: Manner & { readonly id: string },
  ports: AlertPorts,
): Promise<AlertDone | Refused> {
  const id = idOf(text, 'an alert');
  if (isRefused(id)) {
    return id;
  }
  const verb = 'alerts dismiss';
  return await perform(
    { ...manner, id, verb, args: { id }, choose: (view) => dismiss(view, id) },
    ports,
  );
}

export interface Snoozing extends Manner {
  readonly id: string;
  /** One of the two: `7d`, or a day on which it comes back. */
  readonly for?: string | undefined;
  readonly until?: string | undefined;
}

function untilOf({ for: span, until }: Snoozing, ports: AlertPorts): number | Refused {
  if ((span === undefined) === (until === undefined)) {
    return invalid(
      'until',
      'give one of --for and --until',
      'as in --for 7d or --until 2026-12-01',
    );
  }
  if (until !== undefined) {
    return (
      parseStart(until, ports.zone) ??
      invalid('until', `--until ${until.slice(0, 40)}: not a date`, 'use YYYY-MM-DD')
    );
  }
  const milliseconds = parsePersonsDuration(span ?? '');
  return milliseconds === undefined || milliseconds <= 0
    ? invalid('for', `--for ${(span ?? '').slice(0, 40)}: not a duration`, 'as in 12h, 7d, 2w')
    : Math.floor(ports.clock.nowUs() / MICROS) + Math.ceil(milliseconds / MS_PER_SECOND);
}

/** `alerts snooze`. VALIDATION_ERROR, NOT_FOUND, IN_USE. */
export async function snoozeAlert(
  asked: Snoozing,
  ports: AlertPorts,
): Promise<AlertDone | Refused> {
  const id = idOf(asked.id, 'an alert');
  const untilS = untilOf(asked, ports);
  if (isRefused(id)) {
    return id;
  }
  if (isRefused(untilS)) {
    return untilS;
  }
  const { key, dryRun } = asked;
  const verb = 'alerts snooze';
  const args = { id, for: asked.for ?? '', until: asked.until ?? '' };
  return await perform(
    { key, dryRun, id, verb, args, choose: (view) => snooze(view, { id, untilS }) },
    ports,
  );
}
