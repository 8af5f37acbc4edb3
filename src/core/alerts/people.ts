import { isRefused, type Refused, refused } from '../errors.ts';
import { dayText } from '../grant/calendar.ts';
import type { JsonObject } from '../json.ts';
import { invalid } from '../ledger/account-words.ts';
import type { Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import type { AlertRow, DeadlineRow, DeadlineType } from './rows.ts';

// What people do with alerts and deadlines.

export interface AlertAnswer extends JsonObject {
  readonly alert: number;
}

const NAME_LENGTH = 64;
const TEXT_LENGTH = 4096;
const SNOOZE_DAYS_MAX = 366;
const DAY_S = 86_400;

function findAlert(view: View, id: number): AlertRow | Refused {
  return (
    view.alerts?.alerts.find(({ alertId }) => alertId === id) ??
    refused('NOT_FOUND', `Alert ${id} not found`, {
      advice: 'see asbb alerts list --status all',
      fields: { alert: String(id) },
    })
  );
}

/** An alert that stands, or why nothing can be done with it. */
function standing(view: View, id: number): AlertRow | Refused {
  const row = findAlert(view, id);
  return isRefused(row) || row.resolvedUs === undefined
    ? row
    : refused('IN_USE', `alert ${id} is over: its condition is gone`, {
        advice: 'nothing is left to do',
        fields: { alert: String(id) },
      });
}

function dismissed(id: number): Refused {
  return refused('IN_USE', `alert ${id} was dismissed`, {
    advice: 'it comes back when its condition was gone once',
    fields: { alert: String(id) },
  });
}

function put(row: AlertRow): Decision<AlertAnswer> {
  return { changes: [{ change: 'putAlert', row }], answer: { alert: row.alertId } };
}

export interface Acknowledgement {
  readonly id: number;
  readonly by: string;
  readonly notes: string;
}

/** Seen by somebody: out of the usual list. Again: unchanged. Query: alerts.ids. NOT_FOUND, IN_USE. */
export function acknowledge(view: View, ask: Acknowledgement): Decision<AlertAnswer> | Refused {
  if (ask.by.trim() === '' || ask.by.length > NAME_LENGTH) {
    return invalid('acknowledged_by', `--user has 1 to ${NAME_LENGTH} characters`);
  }
  if (ask.notes.length > TEXT_LENGTH) {
    return invalid('notes', `--notes has at most ${TEXT_LENGTH} characters`);
  }
  const row = standing(view, ask.id);
  if (isRefused(row)) {
    return row;
  }
  if (row.status === 'dismissed') {
    return dismissed(ask.id);
  }
  return row.status === 'acknowledged'
    ? { changes: [], answer: { alert: row.alertId } }
    : put({
        ...row,
        status: 'acknowledged',
        acknowledgedUs: view.nowUs,
        acknowledgedBy: ask.by,
        notes: ask.notes,
        updatedUs: view.nowUs,
      });
}

/** Not to be seen again until the condition has gone once. Query: alerts.ids. NOT_FOUND, IN_USE. */
export function dismiss(view: View, id: number): Decision<AlertAnswer> | Refused {
  const row = standing(view, id);
  if (isRefused(row)) {
    return row;
  }
  return row.status === 'dismissed'
    ? { changes: [], answer: { alert: id } }
    : put({ ...row, status: 'dismissed', snoozedUntilS: undefined, updatedUs: view.nowUs });
}

/** Out of sight until a moment, unless it gets graver. Query: alerts.ids. NOT_FOUND, IN_USE. */
export function snooze(
  view: View,
  { id, untilS }: { readonly id: number; readonly untilS: number },
): Decision<AlertAnswer> | Refused {
  if (untilS <= view.nowS) {
    return invalid('until', 'the alert would come back at once', 'give a later day');
  }
  if (untilS - view.nowS > SNOOZE_DAYS_MAX * DAY_S) {
    return invalid('until', `an alert sleeps at most ${SNOOZE_DAYS_MAX} days`);
  }
  const row = standing(view, id);
  if (isRefused(row)) {
    return row;
  }
  if (row.status === 'dismissed') {
    return dismissed(id);
  }
  return row.snoozedUntilS === untilS
    ? { changes: [], answer: { alert: id } }
    : put({
        ...row,
        status: 'active',
        acknowledgedUs: undefined,
        acknowledgedBy: '',
        notes: '',
        snoozedUntilS: untilS,
        updatedUs: view.nowUs,
      });
}

export interface DeadlineAnswer extends JsonObject {
  readonly deadline: number;
}

export interface NewDeadline {
  /** One of the two. */
  readonly account?: string | undefined;
  readonly grant?: string | undefined;
  readonly type: DeadlineType;
  readonly description: string;
  readonly day: number;
  readonly budgetImpact: string;
  readonly recommendations: readonly string[];
}

/** NOT_FOUND names what is not there. */
function deadlineOwner(
  view: View,
  { account, grant }: Pick<NewDeadline, 'account' | 'grant'>,
): Pick<DeadlineRow, 'accountId' | 'awardId'> | Refused {
  if (account !== undefined) {
    const found = view.accounts.find((each) => each.account.name === account);
    return found === undefined
      ? refused('NOT_FOUND', `Budget account '${account}' not found`, {
          advice: 'see asbb account list',
          fields: { account },
        })
      : { accountId: found.account.accountId };
  }
  const found = view.awards?.awards.find(({ award }) => award.number === grant);
  return found === undefined
    ? refused('NOT_FOUND', `Grant '${grant ?? ''}' not found`, {
        advice: 'see asbb grant list',
        fields: { grant: grant ?? '' },
      })
    : { awardId: found.award.awardId };
}

function badDeadline(
  { description, day, ...rest }: NewDeadline,
  today: number,
): Refused | undefined {
  const texts = [rest.budgetImpact, ...rest.recommendations];
  if (description.trim() === '' || description.length > TEXT_LENGTH) {
    return invalid('description', `--description has 1 to ${TEXT_LENGTH} characters`);
  }
  if (texts.some((text) => text.length > TEXT_LENGTH)) {
    return invalid('description', `a text has at most ${TEXT_LENGTH} characters`);
  }
  return day < today ? invalid('date', `--date ${dayText(day)} is over`) : undefined;
}

/**
 * Query: the account or the grant, and alerts.deadlinesOn. VALIDATION_ERROR, NOT_FOUND, DUPLICATE.
 */
export function addDeadline(view: View, ask: NewDeadline): Decision<DeadlineAnswer> | Refused {
  const bad = badDeadline(ask, view.today);
  if (bad !== undefined) {
    return bad;
  }
  const owner = deadlineOwner(view, ask);
  if (isRefused(owner)) {
    return owner;
  }
  const { type, description, day, budgetImpact, recommendations } = ask;
  const twin = view.alerts?.deadlines.find(
    (row) =>
      row.accountId === owner.accountId &&
      row.awardId === owner.awardId &&
      row.type === type &&
      row.day === day &&
      row.description === description,
  );
  if (twin !== undefined) {
    return refused('DUPLICATE', `deadline ${twin.deadlineId} says the same`, {
      advice: 'see asbb deadline list',
      fields: { deadline: String(twin.deadlineId) },
    });
  }
  const deadlineId = view.alerts?.next.deadlineId ?? 1;
  const texts = { type, description, day, budgetImpact, recommendations };
  const row = { deadlineId, ...owner, ...texts, removed: false, createdUs: view.nowUs };
  return { changes: [{ change: 'putDeadline', row }], answer: { deadline: deadlineId } };
}

/** Query: alerts.deadlineIds. NOT_FOUND. */
export function removeDeadline(view: View, id: number): Decision<DeadlineAnswer> | Refused {
  const row = view.alerts?.deadlines.find(({ deadlineId }) => deadlineId === id);
  return row === undefined || row.removed
    ? refused('NOT_FOUND', `Deadline ${id} not found`, {
        advice: 'see asbb deadline list',
        fields: { deadline: String(id) },
      })
    : {
        changes: [{ change: 'putDeadline', row: { ...row, removed: true } }],
        answer: { deadline: id },
      };
}
