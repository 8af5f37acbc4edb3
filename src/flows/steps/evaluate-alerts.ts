import { PLAN_RULE } from '../../core/alerts/account-rules.ts';
import type { FailedHold, Owner, PlanCost } from '../../core/alerts/facts.ts';
import type { Receiver } from '../../core/alerts/message.ts';
import type { AlertRow } from '../../core/alerts/rows.ts';
import { type Settled, settleAlerts } from '../../core/alerts/settle.ts';
import { PLAN_ALERTS, parsePlanAlerts } from '../../core/burst/plan/limits.ts';
import type { Settings } from '../../core/config/settings.ts';
import { assert, isRefused } from '../../core/errors.ts';
import { dayOf } from '../../core/grant/calendar.ts';
import type { View } from '../../core/ledger/view.ts';
import { fromMicrosText } from '../../core/money/money.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Ids, Log } from '../../ports/system.ts';
import {
  type FindingPorts,
  type Found,
  findAlerts,
  type Noted,
  type Scope,
} from './alert-findings.ts';

export interface EvaluatePorts extends FindingPorts {
  readonly ledger: Ledger;
  readonly ids: Ids;
  readonly log: Log;
}

/** Notes: how far transactions were looked at, the day of the last full look, what recover could not do. */
const SEQ = 'alerts:seq';
const DAY = 'alerts:day';
export const FAILED = 'alerts:failed';
const KEY_BYTES = 16;
const MICROS = 1_000_000;
const NOTHING: Evaluated = {
  accounts: 0,
  grants: 0,
  triggered: 0,
  escalated: 0,
  resolved: 0,
  changed: 0,
};
/** The newest seq and nobody touched. */
const NO_SEQ = Number.MAX_SAFE_INTEGER;

/** Each receiver that the configuration names; a mail address counts one. */
function receiversOf({ notifications }: Settings): readonly Receiver[] {
  const { min_severity: least, resolved: isToldOfEnd, smtp, slack, webhook } = notifications;
  const common = { least, isToldOfEnd };
  const addresses = smtp.host === '' ? [] : [...new Set(smtp.to)];
  return [
    ...addresses.map((target): Receiver => ({ ...common, channel: 'smtp', target })),
    ...(slack.url_file === '' ? [] : [{ ...common, channel: 'slack', target: '' } as const]),
    ...(webhook.url === '' ? [] : [{ ...common, channel: 'webhook', target: '' } as const]),
  ];
}

/** By account. */
export function failedHolds(note: string | undefined): ReadonlyMap<string, readonly FailedHold[]> {
  // Written by flows/steps/note-failures.ts.
  const rows = JSON.parse(note ?? '[]') as readonly (FailedHold & { readonly account: string })[];
  return Map.groupBy(rows, ({ account }) => account);
}

/** By account: jobs that passed the threshold of their execution plan. */
function planCosts(note: string | undefined): ReadonlyMap<string, readonly PlanCost[]> {
  const alerts = parsePlanAlerts(note).map((alert) => ({
    ...alert,
    cost: fromMicrosText(alert.cost),
    limit: fromMicrosText(alert.limit),
  }));
  return Map.groupBy(alerts, ({ account }) => account);
}

function notedOf(notes: Readonly<Record<string, string>>): Noted {
  return { failed: failedHolds(notes[FAILED]), plans: planCosts(notes[PLAN_ALERTS]) };
}

/** What is noted of an account since its alerts were looked at is in nobody's transactions. */
function withNoted(
  names: readonly string[],
  { failed, plans }: Noted,
  standing: readonly string[],
): readonly string[] {
  return [...new Set([...names, ...failed.keys(), ...plans.keys(), ...standing])];
}

function isOfNote({ type, rule }: AlertRow): boolean {
  return type === 'reconciliation_failed' || rule.startsWith(PLAN_RULE);
}

export interface Look {
  /** Everybody, whatever was touched: `alerts check`. */
  readonly isFull: boolean;
}

interface Plan {
  readonly scope: Scope;
  readonly notes: Readonly<Record<string, string>>;
}

/**
 * Once a day everybody; else those whom transactions touched since the last look (budget.md 4.8, "after
 * each charge"). So the epilog pays nothing for alerts: that a charge was posted is the note to look.
 */
async function planOf(view: View, look: Look, ports: EvaluatePorts): Promise<Plan> {
  const { nowUs, notes } = view;
  const today = String(dayOf(Math.floor(nowUs / MICROS), ports.zone));
  const isFull = look.isFull || notes[DAY] !== today || notes[SEQ] === undefined;
  const touched = await ports.alertFacts.touched(isFull ? NO_SEQ : Number(notes[SEQ]));
  const seq = String(touched.seq);
  const changed = { ...(notes[SEQ] !== seq && { [SEQ]: seq }), ...(isFull && { [DAY]: today }) };
  if (isFull) {
    return { scope: {}, notes: changed };
  }
  const standing = await ports.reports.alerts({ statuses: ['active'] });
  const sleeping = standing.filter(({ row }) => row.snoozedUntilS !== undefined);
  const ofNotes = standing.filter(({ row }) => isOfNote(row));
  const again = [...sleeping, ...ofNotes];
  return {
    scope: {
      accountNames: withNoted(
        touched.accountNames,
        notedOf(notes),
        again.flatMap(({ accountName }) => accountName ?? []),
      ),
      grantNumbers: [
        ...new Set([
          ...touched.grantNumbers,
          ...again.flatMap(({ grantNumber }) => grantNumber ?? []),
        ]),
      ],
    },
    notes: changed,
  };
}

export interface Evaluated extends Settled {
  readonly accounts: number;
  readonly grants: number;
}

function countOf(found: Found, kind: Owner['kind']): number {
  return found.looked.filter((owner) => owner.kind === kind).length;
}

async function settle(found: Found, plan: Plan, ports: EvaluatePorts): Promise<Settled> {
  const evaluation = {
    ...found,
    receivers: receiversOf(ports.settings),
    seed: ports.ids.hex(KEY_BYTES),
    notes: plan.notes,
  };
  const answered = await ports.ledger.decide(
    { scope: 'site', verb: 'alerts', args: {} },
    { alerts: { standing: true } },
    (view) => settleAlerts(view, evaluation),
  );
  assert(!isRefused(answered), 'nothing refuses an evaluation');
  return answered.answer;
}

/** Evaluates, and writes what is news with the messages about it in one transaction. */
export async function evaluateAlerts(look: Look, ports: EvaluatePorts): Promise<Evaluated> {
  const view = await ports.ledger.read({ notes: [SEQ, DAY, FAILED, PLAN_ALERTS] });
  const plan = await planOf(view, look, ports);
  const { accountNames, grantNumbers } = plan.scope;
  const isNobody = accountNames?.length === 0 && grantNumbers?.length === 0;
  if (isNobody && Object.keys(plan.notes).length === 0) {
    return NOTHING;
  }
  const found = await findAlerts(plan.scope, notedOf(view.notes), ports);
  const settled = await settle(found, plan, ports);
  if (settled.changed > 0) {
    ports.log.write('info', 'alerts_settled', { ...settled });
  }
  return { ...settled, accounts: countOf(found, 'account'), grants: countOf(found, 'grant') };
}

/** What an evaluation would find now: nothing is written. */
export async function foreseeAlerts(ports: EvaluatePorts): Promise<Found> {
  const { notes } = await ports.ledger.read({ notes: [FAILED, PLAN_ALERTS] });
  return await findAlerts({}, notedOf(notes), ports);
}
