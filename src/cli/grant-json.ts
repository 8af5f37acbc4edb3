import type {
  ChangedGrant,
  Grant,
  GrantDetails,
  GrantEntry,
  GrantPeriod,
  ImportedEntries,
} from '../../schema/output/grant.ts';
import { dayText, endOfDay, instantText, momentText, startOfDay } from '../core/grant/calendar.ts';
import type { PeriodFigures } from '../core/grant/carryover.ts';
import { type GrantOutline, periodBurn } from '../core/grant/outline.ts';
import type { AwardChangeRow, EntryRow, FaRateRow } from '../core/grant/rows.ts';
import type { AwardBudget } from '../core/grant/view.ts';
import { ZERO } from '../core/money/money.ts';
import { toCents, toNumber } from '../core/money/ratio.ts';
import type { EntryDone } from '../flows/grant-entry.ts';
import type { GrantSight } from '../flows/steps/grant-sight.ts';

const E4 = 10_000;
const PERCENT_DIGITS = 4;
/** A period is derived: its id is made of the grant's and its number, as a transaction's of its seq. */
const PERIODS_MAX = 1000;

function told(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** 0.3 of 3000: the nearest number to the four digits. */
function ratio(e4: number): number {
  return e4 / E4;
}

export function grantJson({ outline }: GrantSight): Grant {
  const { award, rate, current } = outline;
  return {
    id: award.awardId,
    grant_number: award.number,
    funding_agency: award.agency,
    agency_program: told(award.program),
    principal_investigator: award.pi,
    co_investigators: award.coPis.length === 0 ? undefined : [...award.coPis],
    institution: award.institution,
    department: told(award.department),
    grant_start_date: instantText(award.startS),
    grant_end_date: instantText(award.endS),
    total_award_amount: award.total,
    direct_costs: outline.directCosts,
    indirect_cost_rate: ratio(rate?.rateE4 ?? 0),
    indirect_costs: outline.indirectCosts,
    budget_period_months: award.periodMonths,
    current_budget_period: current?.period.number ?? 1,
    status: award.status,
    compliance_requirements: told(award.compliance),
    federal_award_id: told(award.federalAwardId),
    internal_project_code: told(award.projectCode),
    cost_center: told(award.costCenter),
    created_at: momentText(award.createdUs),
    updated_at: momentText(award.updatedUs),
    fain: told(award.fain),
    assistance_listing_number: told(award.assistanceListing),
    uei: told(award.uei),
    ein: told(award.ein),
    recipient_account_number: told(award.recipientAccount),
    basis_of_accounting: award.accounting,
    authorized_amount: award.amount,
    cost_share_required: award.costShare,
    subaward_mtdc_cap: award.subawardCap,
    cloud_in_mtdc: award.cloudInMtdc,
    carryover_policy: award.carryover,
    report_frequency: award.reportFrequency,
    legal_hold: award.legalHold,
  };
}

function periodJson(figures: PeriodFigures, sight: GrantSight): GrantPeriod {
  const { award } = sight.outline;
  const { period } = figures;
  const burn = periodBurn(figures, sight.outline.spending, sight.today);
  return {
    id: award.awardId * PERIODS_MAX + period.number,
    grant_id: award.awardId,
    period_number: period.number,
    period_start_date: instantText(startOfDay(period.startDay, sight.zone)),
    period_end_date: instantText(endOfDay(period.endDay, sight.zone)),
    period_budget_amount: period.amount,
    period_spent_amount: figures.spent,
    period_committed_amount: figures.committed,
    expected_burn_rate: toCents(burn.dailyExpected),
    actual_burn_rate: toCents(burn.dailySpend),
    burn_rate_variance: toNumber(burn.variance, PERCENT_DIGITS),
    status: figures.status,
    carryover_in: figures.carryIn,
    carryover_out: figures.carryOut,
    created_at: momentText(award.createdUs),
    updated_at: momentText(award.updatedUs),
    pending_approval: figures.pendingApproval,
    unobligated_amount: figures.remaining,
    is_current: figures.isCurrent,
  };
}

export function periodsJson(sight: GrantSight): readonly GrantPeriod[] {
  return sight.outline.periods.map((figures) => periodJson(figures, sight));
}

function rateJson(row: FaRateRow, { figures }: GrantSight): GrantDetails['indirect_rates'][number] {
  const booked = figures.fa.find(({ rateId }) => rateId === row.rateId);
  return {
    id: row.rateId,
    type: row.type,
    rate: ratio(row.rateE4),
    base: row.base,
    from: dayText(row.fromDay),
    to: dayText(row.toDay),
    replaced_by: row.replacedBy,
    base_amount: booked?.cumBase ?? ZERO,
    charged: booked?.cum ?? ZERO,
  };
}

function accountJson(each: AwardBudget): GrantDetails['accounts'][number] {
  return {
    slurm_account: each.accountName,
    order: each.budget.rank + 1,
    budget_basis: each.budget.basis,
    closed: each.budget.closed,
    available: each.free,
    held: each.held,
    used: each.spent,
    indirect_held: each.faHeld,
    indirect_used: each.faSpent,
  };
}

function amendmentJson(row: AwardChangeRow): GrantDetails['amendments'][number] {
  return {
    id: row.changeId,
    kind: row.kind,
    effective_date: instantText(row.effectiveS),
    amount: row.delta,
    reference: row.reference,
    details: row.detail === '{}' ? undefined : told(row.detail),
    approved_by: told(row.approvedBy),
    notes: told(row.notes),
    created_at: momentText(row.createdUs),
  };
}

function fundsJson({ funds }: GrantOutline): GrantDetails['funds'] {
  return {
    authorized: funds.authorized,
    unallocated: funds.unallocated,
    allotted: funds.allotted,
    held: funds.held,
    spent: funds.spent,
    spent_direct: funds.direct,
    spent_indirect: funds.indirect,
    spent_external: funds.external,
    remaining: funds.remaining,
  };
}

export function detailsJson(sight: GrantSight): GrantDetails {
  const { outline, figures } = sight;
  return {
    ...grantJson(sight),
    duration_months: outline.span.whole,
    indirect_rates: figures.rates.map((row) => rateJson(row, sight)),
    funds: fundsJson(outline),
    accounts: figures.budgets.map(accountJson),
    budget_periods: [...periodsJson(sight)],
    amendments: figures.changes.map(amendmentJson),
  };
}

export function changedJson(
  sight: GrantSight,
  done: {
    readonly warnings: readonly string[];
    readonly isChanged: boolean;
    readonly isDryRun: boolean;
  },
): ChangedGrant {
  return {
    ...detailsJson(sight),
    warnings: [...done.warnings],
    changed: done.isChanged,
    ...(done.isDryRun && { dry_run: true }),
  };
}

export function entryJson(row: EntryRow, grantNumber: string): GrantEntry {
  return {
    id: row.entryId,
    grant_number: grantNumber,
    date: dayText(row.day),
    kind: row.kind,
    category: row.category,
    amount: row.amount,
    share: row.share,
    in_mtdc: row.inMtdc,
    reference: row.reference,
    subaward: told(row.subaward),
    notes: told(row.notes),
    transaction_id: row.txnSeq === undefined ? undefined : `txn_${row.txnSeq}`,
    created_at: momentText(row.createdUs),
  };
}

export function enteredJson(
  { row, indirect, isChanged }: EntryDone,
  grantNumber: string,
): ImportedEntries['entries'][number] {
  return {
    ...entryJson(row, grantNumber),
    indirect_amount: indirect,
    changed: isChanged,
  };
}
