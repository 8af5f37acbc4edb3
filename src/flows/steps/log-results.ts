import { launchStepOf } from '../../core/burst/launch.ts';
import { type LaunchedNode, resumeResultJson } from '../../core/burst/resume-result.ts';
import { Fault } from '../../core/errors.ts';
import type { FleetView } from '../../core/ledger/view.ts';
import { sum, ZERO } from '../../core/money/money.ts';
import { microsPerHour } from '../../core/money/rate.ts';
import type { BurstPorts } from './burst-ports.ts';
import type { GangReport } from './resume-gang.ts';

/** One result document a gang (burst.md 5.9), into the log: a hook's stdout is closed. */
export async function logResults(
  reports: readonly GangReport[],
  startedUs: number,
  ports: BurstPorts,
): Promise<void> {
  const fleet = await fleetOf(reports, ports);
  for (const report of reports) {
    const launched = launchedNodes(report, fleet);
    const intent = fleet.intents.find(({ intentId }) => report.intentIds.includes(intentId));
    const { cause } = report;
    const document = resumeResultJson({
      jobIds: report.jobIds,
      attempt: report.attempt,
      isAborted: report.kind === 'aborted',
      launched,
      missing: report.missing,
      code: cause?.code ?? '',
      message: cause?.sentence ?? '',
      isRecoverable: cause?.as !== 'plan' && cause?.as !== 'request',
      fleetIds: report.fleetIds,
      placementGroup:
        intent === undefined ? '' : (launchStepOf(intent).request.placementGroup ?? ''),
      perHour: sum(launched.map(({ perHour }) => perHour)),
      startedUs,
      endedUs: ports.clock.nowUs(),
    });
    ports.log.write(report.kind === 'aborted' ? 'warn' : 'info', 'resume_result', {
      job_id: report.jobIds.join(','),
      outcome: report.kind,
      result: JSON.stringify(document),
    });
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
      perHour: row === undefined ? ZERO : microsPerHour(row.rate),
    };
  });
}
