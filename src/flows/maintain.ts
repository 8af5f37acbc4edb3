import type { Settings } from '../core/config/settings.ts';
import { counted } from '../core/counted.ts';
import { EXIT, type ExitCode, Fault } from '../core/errors.ts';
import { prometheusText } from '../core/metrics/prometheus.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { LedgerCare } from '../ports/ledger-care.ts';
import type { Reports } from '../ports/reports.ts';
import type { Associations } from '../ports/slurm.ts';
import type { Clock, Ids, Locks, Log } from '../ports/system.ts';
import { isAutomatic } from './steps/after-due.ts';
import { checkLedger } from './steps/check-ledger.ts';
import { type DeliverPorts, deliverMessages } from './steps/deliver-messages.ts';
import { type EvaluatePorts, evaluateAlerts } from './steps/evaluate-alerts.ts';
import { expireAccounts } from './steps/expire-accounts.ts';
import { type MetricsPorts, maintainedMetrics } from './steps/gather-metrics.ts';
import { importCosts } from './steps/import-costs.ts';
import { keepAssociations } from './steps/keep-associations.ts';
import { noteMaintained } from './steps/maintained.ts';
import { type MeasurePorts, measureBurn } from './steps/measure-burn.ts';
import { noteFailures } from './steps/note-failures.ts';
import { processDue } from './steps/process-due.ts';
import { dryPorts } from './steps/settle/dry-ledger.ts';
import { gravest, type LeftOverPorts, takeRequests, takeSpool } from './steps/settle/left-overs.ts';
import { type RecoverReport, reportOf } from './steps/settle/report.ts';
import { repriceLive } from './steps/settle/reprice.ts';
import { settlePass } from './steps/settle/run-pass.ts';

export const MAINTAIN_STEPS = [
  'nodes',
  'associations',
  'requests',
  'spool',
  'import',
  'recover',
  'holds',
  'accounts',
  'allocations',
  'burn',
  'alerts',
  'deliver',
  'metrics',
  'heads',
  'check',
] as const;

export type MaintainStep = (typeof MAINTAIN_STEPS)[number];

export interface MaintainPorts
  extends LeftOverPorts,
    EvaluatePorts,
    DeliverPorts,
    MeasurePorts,
    MetricsPorts {
  readonly reports: Reports;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly ledger: Ledger;
  readonly locks: Locks;
  readonly care: LedgerCare;
  readonly associations: Associations;
  /** `--textfile`: takes the text of all metrics. A Fault when it cannot be written. */
  readonly placeMetrics?: ((text: string) => void) | undefined;
  /** `asbb nodes reconcile`: one line about what it did, and its exit code. */
  readonly reconcileNodes: (
    isDryRun: boolean,
  ) => Promise<{ readonly text: string; readonly exitCode: ExitCode }>;
}

export interface StepOutcome {
  readonly step: MaintainStep;
  readonly outcome: 'done' | 'skipped' | 'failed';
  /** One sentence. */
  readonly text: string;
  readonly milliseconds: number;
}

export interface MaintainResult {
  readonly state: 'running' | 'done';
  readonly steps: readonly StepOutcome[];
  readonly recovered: RecoverReport | undefined;
  readonly exitCode: ExitCode;
}

export interface MaintainOptions {
  /** Absent: all of them. */
  readonly only?: readonly MaintainStep[] | undefined;
  /** Only the steps that can look without doing: nodes and recover. */
  readonly isDryRun?: boolean;
}

const LOCK = 'maintain';
const MS_PER_SECOND = 1000;
const MICROS_PER_SECOND = 1_000_000;

/**
 * The one line for cron (budget.md 6.3): every pass in order, each for itself; a second run at the same
 * time ends at once. What fails is told and comes again with the next run; the gravest failure is the
 * exit code.
 */
export async function maintain(
  options: MaintainOptions,
  ports: MaintainPorts,
): Promise<MaintainResult> {
  const lock = ports.locks.take(LOCK);
  if (lock === undefined) {
    ports.log.write('info', 'maintain_already_running', {});
    return { state: 'running', steps: [], recovered: undefined, exitCode: EXIT.ok };
  }
  try {
    const done = await runSteps(options, ports);
    if (options.isDryRun !== true && options.only === undefined) {
      await noted(ports);
    }
    return done;
  } finally {
    lock.release();
  }
}

/** For `service status`; a ledger that cannot be written has been told of by the steps. */
async function noted({ ledger, clock }: MaintainPorts): Promise<void> {
  try {
    await noteMaintained(ledger, Math.floor(clock.nowUs() / MICROS_PER_SECOND));
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
  }
}

interface Done {
  readonly text: string;
  readonly exitCode?: number;
  readonly recovered?: RecoverReport;
  readonly isSkipped?: boolean;
}

async function runSteps(options: MaintainOptions, ports: MaintainPorts): Promise<MaintainResult> {
  const wanted = MAINTAIN_STEPS.filter((step) => options.only?.includes(step) ?? true);
  const steps: StepOutcome[] = [];
  const codes: number[] = [];
  let recovered: RecoverReport | undefined;
  for (const step of wanted) {
    const begin = ports.clock.monotonicMs();
    const done = await guarded(step, options, ports);
    const code = done.exitCode ?? EXIT.ok;
    codes.push(code);
    recovered = done.recovered ?? recovered;
    const failed = code === EXIT.ok ? 'done' : 'failed';
    steps.push({
      step,
      outcome: done.isSkipped === true ? 'skipped' : failed,
      text: done.text,
      milliseconds: Math.round(ports.clock.monotonicMs() - begin),
    });
    if (code === EXIT.integrity) {
      break; // nothing more is written into a damaged ledger
    }
  }
  return { state: 'done', steps, recovered, exitCode: gravest(codes) };
}

const LOOKS: ReadonlySet<MaintainStep> = new Set(['nodes', 'recover']);

async function guarded(
  step: MaintainStep,
  { isDryRun = false }: MaintainOptions,
  ports: MaintainPorts,
): Promise<Done> {
  if (isDryRun && !LOOKS.has(step)) {
    return { text: 'a dry run', isSkipped: true };
  }
  try {
    return await perform(step, isDryRun, isDryRun ? dryPorts(ports) : ports);
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    ports.log.write('error', 'maintain_failed', { step, msg: error.message });
    return { text: error.message, exitCode: error.exitCode };
  }
}

async function perform(step: MaintainStep, isDryRun: boolean, ports: MaintainPorts): Promise<Done> {
  switch (step) {
    case 'nodes':
      return await ports.reconcileNodes(isDryRun);
    case 'associations':
      return { text: await keepAssociations(ports) };
    case 'requests':
      return { text: `${counted(await takeRequests(ports), 'request')} taken in` };
    case 'spool':
      return { text: `${counted(await takeSpool(ports), 'event')} taken in` };
    case 'import':
      return await importStep(ports);
    case 'recover':
      return await recoverStep(ports);
    case 'holds':
      return {
        text: `${counted(await repriceLive(ports, await ports.slurm.queue()), 'hold')} changed`,
      };
    case 'accounts':
      return { text: `${counted((await expireAccounts(ports)).length, 'account')} expired` };
    case 'allocations':
      return await allocationsStep(ports);
    case 'burn':
      return await burnStep(ports);
    case 'alerts':
      return await alertsStep(ports);
    case 'deliver':
      return await deliverStep(ports);
    case 'metrics':
      return await metricsStep(ports);
    case 'heads': {
      const head = await ports.care.recordHead();
      ports.log.write('info', 'ledger_head', { seq: head?.seq, hash: head?.hash });
      return { text: head === undefined ? 'an empty journal' : `journal at ${head.seq}` };
    }
    case 'check':
      return await checkStep(ports);
  }
}

/** Costs that other programs left as files, before recovery prices what nobody told. */
async function importStep(ports: MaintainPorts): Promise<Done> {
  const { asbx_integration, integration } = ports.settings;
  if (!(asbx_integration.enabled || integration.asbx_enabled)) {
    return { text: 'asbx_integration.enabled is false', isSkipped: true };
  }
  if (ports.local === undefined) {
    return { text: 'no directory of cost files', isSkipped: true };
  }
  const { imported, failed, waiting } = await importCosts(ports.local.inbox, ports);
  return {
    text: `${imported} imported, ${waiting} waiting, ${failed} failed`,
    exitCode: failed > 0 ? EXIT.fault : EXIT.ok,
  };
}

async function burnStep(ports: MaintainPorts): Promise<Done> {
  const count = await measureBurn(ports);
  return count === undefined
    ? { text: 'measured today', isSkipped: true }
    : { text: `${counted(count, 'day')} measured` };
}

async function recoverStep(ports: MaintainPorts): Promise<Done> {
  const { budget } = ports.settings;
  if (!budget.auto_recovery_enabled) {
    return { text: 'budget.auto_recovery_enabled is false', isSkipped: true };
  }
  const outcome = await settlePass(ports);
  const olderThanS = budget.reconciliation_timeout / MS_PER_SECOND;
  const recovered = await reportOf(ports.ledger, outcome, olderThanS);
  const { released, reconciled, kept, failed } = recovered;
  const nowS = Math.floor(ports.clock.nowUs() / MICROS_PER_SECOND);
  await noteFailures(recovered.rows, { ledger: ports.ledger, nowS });
  return {
    text: `${released} released, ${reconciled} reconciled, ${kept} kept, ${failed} failed`,
    exitCode: failed > 0 ? EXIT.fault : EXIT.ok,
    recovered,
  };
}

/** What is due by calendar, before anything that measures money looks at it. */
async function allocationsStep(ports: MaintainPorts): Promise<Done> {
  if (!isAutomatic(ports)) {
    return { text: 'allocations.auto_process is false', isSkipped: true };
  }
  const text = await processDue(ports);
  return text === undefined ? { text: 'not due yet', isSkipped: true } : { text };
}

async function alertsStep(ports: MaintainPorts): Promise<Done> {
  const settled = await evaluateAlerts({ isFull: false }, ports);
  const { triggered, escalated, resolved } = settled;
  return { text: `${triggered} new, ${escalated} graver, ${resolved} over` };
}

/** What could not be told waits for its next attempt; that alone is no fault of ours. */
async function deliverStep(ports: MaintainPorts): Promise<Done> {
  const { sent, waiting, givenUp } = await deliverMessages(ports);
  return {
    text: `${sent} sent, ${waiting} to be tried again, ${givenUp} given up`,
    exitCode: waiting + givenUp > 0 ? EXIT.tryAgain : EXIT.ok,
  };
}

/** What all the steps before have made of the ledger, for a node exporter. */
async function metricsStep(ports: MaintainPorts): Promise<Done> {
  const { placeMetrics } = ports;
  if (!ports.settings.metrics.enabled) {
    return { text: 'metrics.enabled is false', isSkipped: true };
  }
  if (placeMetrics === undefined) {
    return { text: 'no --textfile', isSkipped: true };
  }
  const families = await maintainedMetrics(ports);
  placeMetrics(prometheusText(families));
  return { text: `${counted(families.length, 'metric')} written` };
}

/** `PRAGMA quick_check` daily, `integrity_check` weekly; a failed one locks the ledger. */
async function checkStep(ports: MaintainPorts): Promise<Done> {
  const found = await checkLedger(ports);
  if (found === undefined) {
    return { text: 'checked today', isSkipped: true };
  }
  return found === '' ? { text: 'the file is sound' } : { text: found, exitCode: EXIT.integrity };
}
