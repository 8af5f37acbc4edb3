import { expandNodelist, isNodelistError } from './nodelist.ts';

/** The jobs by each node of their lists. */
export function jobsByNode(
  queue: readonly { readonly jobId: number; readonly nodeList: string }[],
): ReadonlyMap<string, readonly number[]> {
  const jobs = new Map<string, number[]>();
  for (const job of queue.filter(({ nodeList }) => nodeList !== '')) {
    const nodes = expandNodelist(job.nodeList, { unique: true });
    for (const node of isNodelistError(nodes) ? [] : nodes) {
      const on = jobs.get(node);
      if (on === undefined) {
        jobs.set(node, [job.jobId]);
      } else {
        on.push(job.jobId);
      }
    }
  }
  return jobs;
}
