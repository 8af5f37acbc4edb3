import { releaseHold } from '../../../core/ledger/end-hold.ts';
import type { HoldRow } from '../../../core/ledger/rows.ts';
import { isArray } from './finished-holds.ts';
import { type Evidence, runsOfJob, type SettlePorts, tasksOfArray, tried } from './pass.ts';

/**
 * Tasks that never ran go back with what the array's hold still has (reliability.md 1.1, Arrays): once
 * every task still under it is known to have ended without ever having had a node.
 */
export async function releaseArrays(
  ports: SettlePorts,
  evidence: Evidence,
): Promise<readonly HoldRow[]> {
  const open = await ports.ledger.read({ holds: { open: {} } });
  const arrays = open.holds.filter((hold) => hold.jobId !== undefined && isArray(evidence, hold));
  const jobIds = arrays.flatMap(({ jobId }) => jobId ?? []);
  const { holds } = await ports.ledger.read({ holds: { jobIds } });
  const released: HoldRow[] = [];
  for (const array of arrays.filter((hold) => isLeftOver(evidence, hold, holds))) {
    const { token } = array;
    const answer = await tried(ports, token, () =>
      ports.ledger.decide(
        { scope: ports.settings.slurm.cluster_name, verb: 'release', args: { token } },
        { holds: { tokens: [token], owners: true } },
        (view) => releaseHold(view, { token, cause: 'cancelled' }),
      ),
    );
    if (answer?.answer.state === 'released') {
      released.push(array);
    }
  }
  return released;
}

function isLeftOver(evidence: Evidence, array: HoldRow, holds: readonly HoldRow[]): boolean {
  const { jobId, tasks } = array;
  if (jobId === undefined) {
    return false;
  }
  const split = new Set(
    holds.filter((hold) => hold.jobId === jobId).map(({ arrayTask }) => arrayTask),
  );
  const under = tasksOfArray(evidence, jobId).filter(({ run }) => !split.has(run.arrayTask));
  // `12_[4-7]`: tasks that were cancelled together.
  const rest = runsOfJob(evidence, { jobId, arrayTask: -1 });
  const all = [...under, ...rest];
  const idle = all.filter(({ phase, nodeList }) => phase === 'over' && nodeList === '');
  const count = new Set(idle.map(({ run }) => run.arrayTask)).size + extra(idle);
  return idle.length === all.length && count >= tasks;
}

/** What a line for several tasks stands for beyond the one that it is. */
function extra(idle: readonly { readonly tasks: number }[]): number {
  return idle.reduce((sum, { tasks }) => sum + tasks - 1, 0);
}
