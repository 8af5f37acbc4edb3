import type { AbortCause } from '../../core/burst/aborts.ts';
import { launchStepOf } from '../../core/burst/launch.ts';
import {
  type GangResult,
  type LaunchedNode,
  resumeResultJson,
} from '../../core/burst/resume-result.ts';
import { Fault } from '../../core/errors.ts';
import type { InstanceRow, IntentRow } from '../../core/ledger/rows.ts';
import type { FleetView } from '../../core/ledger/view.ts';
import { type Money, sum, ZERO } from '../../core/money/money.ts';
import { holdAmount, microsPerHour, type Rate, totalRate } from '../../core/money/rate.ts';
import { volumesRate } from '../../core/money/volumes.ts';
import type { BurstPorts } from './burst-ports.ts';
import type { GangReport } from './resume-gang.ts';

/** One result a gang (burst.md 5.9), and into the log as a document: a hook's stdout is closed. */
export async function logResults(
  reports: readonly GangReport[],
  startedUs: number,
  ports: BurstPorts,
): Promise<readonly GangResult[]> {
  const fleet = await fleetOf(reports, ports);
  return reports.map((report) => {
    const launched = launchedNodes(report, fleet);
    const intents = fleet.intents.filter(({ intentId }) => report.intentIds.includes(intentId));
    const [intent] = intents;
    const { cause } = report;
    const result: GangResult = {
      jobIds: report.jobIds,
      attempt: report.attempt,
      isAborted: report.kind === 'aborted',
      launched,
      missing: report.missing,
      code: cause?.code ?? '',
      message: cause?.sentence ?? '',
      errorType: errorTypeOf(cause),
      isRecoverable: cause?.as !== 'plan' && cause?.as !== 'request',
      tried: triedOf(intents.at(-1)),
      fleetIds: report.fleetIds,
      placementGroup:
        intent === undefined ? '' : (launchStepOf(intent).request.placementGroup ?? ''),
      estimate: sum(launched.map(({ forRun }) => forRun)),
      startedUs,
      endedUs: ports.clock.nowUs(),
    };
    ports.log.write(report.kind === 'aborted' ? 'warn' : 'info', 'resume_result', {
      job_id: report.jobIds.join(','),
      outcome: report.kind,
      result: JSON.stringify(resumeResultJson(result)),
    });
    return result;
  });
}

const HOUR = 3600;

function runCost(rate: Rate, seconds = HOUR): Money {
  return holdAmount({ nodes: 1, rate, seconds, factor: '1' });
}

/** What the last call asked for: the nodes that failed were to be of its first choice. */
function triedOf(intent: IntentRow | undefined): GangResult['tried'] {
  const [first] = intent === undefined ? [] : launchStepOf(intent).request.overrides;
  return { instanceType: first?.instanceType ?? '', subnetId: first?.subnetId ?? '' };
}

function errorTypeOf(cause: AbortCause | undefined): GangResult['errorType'] {
  switch (cause?.as) {
    case 'plan':
    case 'funds':
    case 'ledger':
      return 'validation';
    case 'slurm':
    case 'boot':
      return 'slurm_api';
    default:
      return 'aws_api';
  }
}

const NO_FLEET: FleetView = { intents: [], instances: [], usage: [], shares: [] };

async function fleetOf(reports: readonly GangReport[], { ledger }: BurstPorts): Promise<FleetView> {
  const intentIds = reports.flatMap((report) => report.intentIds);
  if (intentIds.length === 0) {
    return NO_FLEET;
  }
  try {
    return (await ledger.read({ fleet: { intentIds } })).fleet;
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    return NO_FLEET;
  }
}

/** With its volumes. */
function wholeRate({ rate, volumes = [] }: InstanceRow): Rate {
  return totalRate([rate, volumesRate(volumes)]);
}

function launchedNodes(report: GangReport, fleet: FleetView): readonly LaunchedNode[] {
  const rows = new Map(fleet.instances.map((row) => [row.instanceId, row]));
  return report.bound.map(({ node, instance }) => {
    const row = rows.get(instance.instanceId);
    return {
      node,
      instanceId: instance.instanceId,
      privateIp: instance.privateIp,
      state: instance.state,
      launchS: instance.launchS,
      instanceType: instance.instanceType,
      zone: instance.zone,
      lifecycle: instance.lifecycle,
      perHour: row === undefined ? ZERO : microsPerHour(wholeRate(row)),
      forRun: row === undefined ? ZERO : runCost(wholeRate(row), report.seconds),
    };
  });
}
