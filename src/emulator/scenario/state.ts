import { formatInstant } from '../../core/slurm/instant.ts';
import { type Cluster, look } from '../cluster.ts';
import { nextEventUs } from '../engine/tick.ts';
import { stateText } from '../model/job.ts';
import { baseState, longState } from '../model/node.ts';
import { confOf, usageOf } from '../model/world.ts';
import { seconds } from '../times.ts';
import { unfired } from './faults.ts';

/** Everything a test may want to look at, in one document. */
export function stateJson(cluster: Cluster): string {
  const { store } = cluster;
  const document = look(cluster, (world, nowUs) => {
    const next = nextEventUs(world);
    return {
      now: rfc3339(nowUs),
      next_event: next === Number.POSITIVE_INFINITY ? null : rfc3339(next),
      nodes: [...world.nodes.values()].map((node) => ({
        name: node.name,
        state: longState(
          node,
          baseState(node, usageOf(world, node.name).cpuIds.length, confOf(world, node).cpus),
        ),
        address: node.address,
        reason: node.reason?.text ?? '',
      })),
      jobs: [...world.jobs.values()].map((job) => ({
        id: job.id,
        state: stateText(job),
        reason: job.reason,
        restarts: job.restarts,
        nodes: job.nodes,
        admin_comment: job.adminComment,
      })),
      runs: store.runsAt(Number.MAX_SAFE_INTEGER).map(({ runId, run }) => ({
        run: runId,
        job: run.idText,
        raw: run.jobId,
        state: run.state,
      })),
      programs: store
        .rows<{ doc: string }>('SELECT doc FROM call ORDER BY id')
        .map(({ doc }): unknown => JSON.parse(doc)),
      unfired_faults: unfired(store),
    };
  });
  return `${JSON.stringify(document, null, 2)}\n`;
}

function rfc3339(us: number): string {
  return `${formatInstant(seconds(us))}Z`;
}
