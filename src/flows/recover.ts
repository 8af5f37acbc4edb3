import { EXIT, type ExitCode } from '../core/errors.ts';
import { dryPorts } from './steps/settle/dry-ledger.ts';
import type { SettlePorts } from './steps/settle/pass.ts';
import { type RecoverReport, reportOf } from './steps/settle/report.ts';
import { settlePass } from './steps/settle/run-pass.ts';

export interface RecoverOptions {
  readonly isDryRun?: boolean;
  /** Price the time of jobs whose real cost nobody tells; absent: `asbx_integration.auto_reconcile`. */
  readonly mayPrice?: boolean | undefined;
  /** Holds younger than that are not listed when they are kept; absent: `budget.reconciliation_timeout`. */
  readonly olderThanS?: number | undefined;
}

export interface RecoverResult extends RecoverReport {
  readonly isDryRun: boolean;
  readonly exitCode: ExitCode;
}

const MS_PER_SECOND = 1000;

/**
 * `asbb recover` (budget.md 5): settles from SLURM's own records what hooks did not. Each hold is its
 * own transaction; twice, or beside an epilog, changes nothing twice. A Fault (75) when SLURM does not
 * answer: then nothing is touched.
 */
export async function recover(options: RecoverOptions, ports: SettlePorts): Promise<RecoverResult> {
  const isDryRun = options.isDryRun === true;
  const used = isDryRun ? dryPorts(ports) : ports;
  const mayPrice = options.mayPrice ?? ports.settings.asbx_integration.auto_reconcile;
  const outcome = await settlePass({ ...used, local: used.local && { ...used.local, mayPrice } });
  const timeout = ports.settings.budget.reconciliation_timeout / MS_PER_SECOND;
  const report = await reportOf(used.ledger, outcome, options.olderThanS ?? timeout);
  return { ...report, isDryRun, exitCode: report.failed > 0 ? EXIT.fault : EXIT.ok };
}
