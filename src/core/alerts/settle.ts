import { assert } from '../errors.ts';
import { canonical } from '../json.ts';
import type { Change, Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import type { Finding, Owner } from './facts.ts';
import { gravity, settledSeverity } from './grade.ts';
import { messagesOf, type Receiver } from './message.ts';
import type { AlertEvent, AlertRow, MessageRow, Severity } from './rows.ts';

// What an evaluation does to the alerts (budget.md 4.8): one standing alert a crossing.

export interface Evaluation {
  readonly findings: readonly Finding[];
  /** Whose rules were all looked at: an alert of theirs that nothing was found for is over. */
  readonly looked: readonly Owner[];
  readonly receivers: readonly Receiver[];
  /** Random hex, for the keys of the messages. */
  readonly seed: string;
  /** Written with it: how far the ledger was looked at. */
  readonly notes: Readonly<Record<string, string>>;
}

/** How many. */
export interface Settled {
  readonly [name: string]: number;
  readonly triggered: number;
  readonly escalated: number;
  readonly resolved: number;
  readonly changed: number;
}

interface Step {
  readonly row: AlertRow;
  readonly owner: Owner;
  readonly event: AlertEvent | undefined;
}

function ownerKey(owner: Owner): string {
  return owner.kind === 'site' ? 'site' : `${owner.kind}:${owner.id}`;
}

function keyOfRow({ accountId, awardId, type, rule }: AlertRow): string {
  const site = awardId === undefined ? 'site' : `grant:${awardId}`;
  return `${accountId === undefined ? site : `account:${accountId}`} ${type} ${rule}`;
}

function ownerOfRow(row: AlertRow): string {
  return keyOfRow(row).split(' ')[0] ?? '';
}

function idsOf(owner: Owner): Pick<AlertRow, 'accountId' | 'awardId'> {
  return {
    accountId: owner.kind === 'account' ? owner.id : undefined,
    awardId: owner.kind === 'grant' ? owner.id : undefined,
  };
}

function opened(finding: Finding, severity: Severity, nowUs: number, alertId: number): Step {
  const { owner, type, rule, threshold, actual, message } = finding;
  const row: AlertRow = {
    alertId,
    ...idsOf(owner),
    ...{ type, rule, severity, threshold, actual, message },
    status: 'active',
    details: detailsOf(finding),
    triggeredUs: nowUs,
    updatedUs: nowUs,
    acknowledgedBy: '',
    notes: '',
  };
  return { row, owner, event: 'triggered' };
}

function detailsOf({ rule, details }: Finding): string {
  return canonical({ ...details, rule });
}

/** Graver: news again, whoever had seen it. Only a person's dismissal stays. */
function raised(row: AlertRow, nowUs: number): AlertRow {
  return {
    ...row,
    status: 'active',
    triggeredUs: nowUs,
    acknowledgedUs: undefined,
    acknowledgedBy: '',
    notes: '',
    snoozedUntilS: undefined,
  };
}

function isSnoozeOver({ snoozedUntilS }: AlertRow, nowUs: number): boolean {
  return snoozedUntilS !== undefined && snoozedUntilS * 1_000_000 <= nowUs;
}

/** The condition persists: values follow it, and nobody is told twice. */
function persisted(before: AlertRow, finding: Finding, severity: Severity, nowUs: number): Step {
  const { owner, threshold, actual, message } = finding;
  const values = { severity, threshold, actual, message, details: detailsOf(finding) };
  const now: AlertRow = { ...before, ...values, updatedUs: nowUs };
  if (before.status === 'dismissed') {
    return { row: now, owner, event: undefined };
  }
  if (gravity(severity) > gravity(before.severity)) {
    return { row: raised(now, nowUs), owner, event: 'escalated' };
  }
  if (isSnoozeOver(before, nowUs)) {
    const event = before.status === 'active' ? 'reminder' : undefined;
    return { row: { ...now, snoozedUntilS: undefined }, owner, event };
  }
  return { row: now, owner, event: undefined };
}

/** The condition is gone: a dismissed alert stays dismissed, and the next crossing is a new one. */
function ended(row: AlertRow, owner: Owner, nowUs: number): Step {
  const isDismissed = row.status === 'dismissed';
  return {
    row: {
      ...row,
      status: isDismissed ? 'dismissed' : 'resolved',
      resolvedUs: nowUs,
      updatedUs: nowUs,
      snoozedUntilS: undefined,
    },
    owner,
    event: isDismissed ? undefined : 'resolved',
  };
}

/** Nothing but the moment differs. */
function isSame(a: AlertRow, b: AlertRow): boolean {
  const names = Object.keys({ ...a, ...b }) as readonly (keyof AlertRow)[]; // both are such rows
  return names.every((name) => name === 'updatedUs' || a[name] === b[name]);
}

function stepsOf(view: View, evaluation: Evaluation): readonly Step[] {
  const alerts = view.alerts;
  assert(alerts !== undefined, 'settling alerts needs them');
  const standing = new Map(
    alerts.alerts
      .filter(({ resolvedUs }) => resolvedUs === undefined)
      .map((row) => [keyOfRow(row), row]),
  );
  const owners = new Map(evaluation.looked.map((owner) => [ownerKey(owner), owner]));
  const steps: Step[] = [];
  let { alertId } = alerts.next;
  for (const finding of evaluation.findings) {
    const key = `${ownerKey(finding.owner)} ${finding.type} ${finding.rule}`;
    const before = standing.get(key);
    const severity = settledSeverity(finding, before?.severity);
    if (severity !== undefined) {
      standing.delete(key);
      if (before === undefined) {
        steps.push(opened(finding, severity, view.nowUs, alertId));
        alertId += 1;
      } else {
        steps.push(persisted(before, finding, severity, view.nowUs));
      }
    }
  }
  for (const row of standing.values()) {
    const owner = owners.get(ownerOfRow(row));
    if (owner !== undefined) {
      steps.push(ended(row, owner, view.nowUs));
    }
  }
  return steps;
}

function messagesFor(
  steps: readonly Step[],
  view: View,
  { receivers, seed }: Evaluation,
): readonly MessageRow[] {
  let messageId = view.alerts?.next.messageId ?? 1;
  return steps.flatMap(({ event, row, owner }) => {
    if (event === undefined) {
      return [];
    }
    const { nowUs, clusterName: cluster } = view;
    const made = messagesOf({ event, row, owner, nowUs, cluster }, receivers, { messageId, seed });
    messageId += made.length;
    return made;
  });
}

/**
 * One transaction: the alerts as they are now and, with them, what is to be told. Query: `alerts:
 * {standing: true}`. Findings come with at most one for each owner, type and rule.
 */
export function settleAlerts(view: View, evaluation: Evaluation): Decision<Settled> {
  const before = new Map(view.alerts?.alerts.map((row) => [row.alertId, row]));
  const steps = stepsOf(view, evaluation).filter(({ row }) => {
    const old = before.get(row.alertId);
    return old === undefined || !isSame(old, row);
  });
  const messages = messagesFor(steps, view, evaluation);
  const changes: readonly Change[] = [
    ...steps.map(({ row }): Change => ({ change: 'putAlert', row })),
    ...messages.map((row): Change => ({ change: 'putMessage', row })),
    ...Object.entries(evaluation.notes).map(
      ([name, value]): Change => ({ change: 'putNote', name, value }),
    ),
  ];
  function count(event: AlertEvent): number {
    return steps.filter((step) => step.event === event).length;
  }
  return {
    changes,
    answer: {
      triggered: count('triggered'),
      escalated: count('escalated'),
      resolved: count('resolved'),
      changed: steps.length,
    },
  };
}
