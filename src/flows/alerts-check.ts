import { gravity } from '../core/alerts/grade.ts';
import type { AlertRow } from '../core/alerts/rows.ts';
import { type Settled, settleAlerts } from '../core/alerts/settle.ts';
import type { AlertReport } from '../ports/reports.ts';
import { type EvaluatePorts, evaluateAlerts, foreseeAlerts } from './steps/evaluate-alerts.ts';

export interface AlertCheckResult extends Settled {
  readonly accounts: number;
  readonly grants: number;
}

export interface Checked {
  readonly result: AlertCheckResult;
  /** Active and awake, gravest first. */
  readonly active: readonly AlertReport[];
  readonly isCritical: boolean;
  readonly isDryRun: boolean;
}

const MICROS = 1_000_000;

function checked(
  result: AlertCheckResult,
  active: readonly AlertReport[],
  isDryRun: boolean,
): Checked {
  const isCritical = active.some(({ row }) => row.severity === 'critical');
  return { result, active, isCritical, isDryRun };
}

function isAwake({ status, snoozedUntilS, resolvedUs }: AlertRow, nowS: number): boolean {
  const isAsleep = snoozedUntilS !== undefined && snoozedUntilS > nowS;
  return status === 'active' && resolvedUs === undefined && !isAsleep;
}

/** What would stand after an evaluation; nothing is written. */
async function foreseen(ports: EvaluatePorts): Promise<Checked> {
  const found = await foreseeAlerts(ports);
  const view = await ports.ledger.read({ alerts: { standing: true } });
  const { changes, answer } = settleAlerts(view, {
    ...found,
    receivers: [],
    seed: '',
    notes: {},
  });
  const rows = new Map(view.alerts?.alerts.map((row) => [row.alertId, row]));
  for (const change of changes) {
    if (change.change === 'putAlert') {
      rows.set(change.row.alertId, change.row);
    }
  }
  const names = new Map(
    found.looked.map((owner) =>
      owner.kind === 'site' ? ['site', ''] : [`${owner.kind}:${owner.id}`, owner.name],
    ),
  );
  const active = [...rows.values()]
    .filter((row) => isAwake(row, view.nowS))
    .map((row) => ({
      row,
      accountName: names.get(`account:${row.accountId}`),
      grantNumber: names.get(`grant:${row.awardId}`),
    }))
    .toSorted(
      (a, b) =>
        gravity(b.row.severity) - gravity(a.row.severity) ||
        b.row.triggeredUs - a.row.triggeredUs ||
        b.row.alertId - a.row.alertId,
    );
  const accounts = found.looked.filter(({ kind }) => kind === 'account').length;
  const grants = found.looked.length - accounts;
  return checked({ ...answer, accounts, grants }, active, true);
}

/** `alerts check`: everybody's rules now (budget.md 4.8). What is to be told goes with `maintain`. */
export async function checkAlerts(
  { isDryRun }: { readonly isDryRun: boolean },
  ports: EvaluatePorts,
): Promise<Checked> {
  if (isDryRun) {
    return await foreseen(ports);
  }
  const result = await evaluateAlerts({ isFull: true }, ports);
  const nowS = Math.floor(ports.clock.nowUs() / MICROS);
  const active = await ports.reports.alerts({ statuses: ['active'], awakeAtS: nowS });
  return checked(result, active, false);
}
