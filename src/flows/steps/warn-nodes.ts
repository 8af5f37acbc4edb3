import type { NodeVerdict } from '../../core/burst/reconcile-plan.ts';
import type { Act } from '../../core/burst/reconcile-table.ts';
import { Fault } from '../../core/errors.ts';
import { compressNodelist } from '../../core/slurm/nodelist.ts';
import type { BurstPorts } from './burst-ports.ts';

/** What is about to go takes no new work; its jobs hear of it as burst.spot_notice says (9.3, 9.4). */
export async function warnNodes(
  verdicts: readonly NodeVerdict[],
  ports: BurstPorts,
): Promise<void> {
  const { slurm } = ports;
  const drained = verdicts.filter(({ acts }) => acts.includes('drain'));
  for (const [reason, members] of Map.groupBy(drained, (verdict) => verdict.reason)) {
    const nodes = compressNodelist(members.map(({ node }) => node));
    await told('node_drained', { node: nodes, reason }, ports, () =>
      slurm.setNodeState(nodes, 'drain', reason),
    );
  }
  for (const jobId of jobsWanting(verdicts, 'signal')) {
    await told('job_signalled', { job_id: jobId }, ports, () => slurm.signalJob(jobId));
  }
  for (const jobId of jobsWanting(verdicts, 'requeue')) {
    await told('job_requeued', { job_id: jobId }, ports, () => slurm.requeueJob(jobId));
  }
}

function jobsWanting(verdicts: readonly NodeVerdict[], act: Act): ReadonlySet<number> {
  return new Set(verdicts.filter(({ acts }) => acts.includes(act)).flatMap((each) => each.jobIds));
}

/** A job that is over, or may not be requeued: SLURM says so, and nothing more can be done for it. */
async function told(
  event: string,
  fields: Readonly<Record<string, string | number>>,
  { log }: BurstPorts,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
    log.write('warn', event, fields);
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    log.write('warn', event, { ...fields, msg: error.message });
  }
}
