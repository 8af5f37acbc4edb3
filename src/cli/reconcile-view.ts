import type { Reconciliation } from '../../schema/output/reconcile.ts';
import { fromMicrosText, isPositive, toDollars } from '../core/money/money.ts';
import { toNumber } from '../core/money/ratio.ts';
import type { Reconciled } from '../flows/reconcile.ts';
import { blockText } from './table.ts';

const DIGITS = 4;
const DONE = 'Job reconciliation completed successfully';

const PROPOSED = 'Proposed: another person must approve it';

function messageOf({ answer, isDryRun }: Reconciled): string {
  if (isDryRun) {
    return 'Dry run: nothing was changed';
  }
  return (answer.proposal ?? undefined) === undefined ? DONE : PROPOSED;
}

function some(texts: readonly string[]): string[] | undefined {
  return texts.length === 0 ? undefined : [...texts];
}

export function reconcileJson(result: Reconciled): Reconciliation {
  const { answer, figures, estimate, isDryRun } = result;
  const isKnown = estimate !== undefined;
  return {
    success: true,
    original_hold: fromMicrosText(answer.originalHold),
    actual_charge: fromMicrosText(answer.actualCharge),
    refund_amount: fromMicrosText(answer.refund),
    transaction_id: `txn_${answer.token}`,
    message: messageOf(result),
    additional_charge: fromMicrosText(answer.additional),
    charge_transaction_id: answer.seq === 0 || isDryRun ? undefined : `txn_${answer.seq}`,
    already_reconciled: answer.alreadyReconciled,
    amended: answer.amended,
    cost_source: result.origin,
    reconciliation_id: answer.reconciliationId === '' ? undefined : answer.reconciliationId,
    estimated_cost: estimate,
    cost_variance: isKnown ? figures.variance : undefined,
    cost_variance_pct: isKnown ? toNumber(figures.variancePct, DIGITS) : undefined,
    estimation_accuracy: isKnown ? toNumber(figures.accuracy, DIGITS) : undefined,
    model_update_applied: answer.modelUpdated,
    warnings: some(result.warnings),
    recommendations: some(result.recommendations),
    proposal: answer.proposal ?? undefined,
    dry_run: isDryRun ? true : undefined,
  };
}

const ORIGINS: Readonly<Record<Reconciled['origin'], string | undefined>> = {
  given: undefined,
  released: undefined,
  file: 'its cost file',
  elapsed: 'the time it took: no cost of it is known',
};

export function reconcileText(result: Reconciled): string {
  const json = reconcileJson(result);
  const block = blockText('', {
    'Original Hold': toDollars(json.original_hold),
    [json.proposal === undefined ? 'Actual Charge' : 'Would Charge']: toDollars(json.actual_charge),
    'Refund Amount': json.proposal === undefined ? toDollars(json.refund_amount) : undefined,
    'Additional Charge':
      json.proposal === undefined && isPositive(json.additional_charge)
        ? toDollars(json.additional_charge)
        : undefined,
    'Transaction ID': json.transaction_id,
    'Charge ID': json.charge_transaction_id,
    'Cost From': ORIGINS[result.origin],
    Proposal: json.proposal === undefined ? undefined : String(json.proposal),
    Approve: json.proposal === undefined ? undefined : `asbb transactions approve ${json.proposal}`,
  });
  return [
    ...(result.isDryRun ? ['Dry run: nothing was changed.'] : []),
    ...(json.proposal === undefined
      ? []
      : ['So much is only proposed: another person must approve it.']),
    ...(json.already_reconciled ? ['This was reconciled before; nothing changed.'] : []),
    block,
    ...result.recommendations.map((text) => `- ${text}`),
  ].join('\n');
}
