import { abortsNote, parseAborts } from '../../core/burst/aborts.ts';
import { isUp } from '../../core/burst/reconcile-facts.ts';
import { recordStarted, type StartedJob } from '../../core/burst/record-abort.ts';
import { expandNodelist, isNodelistError } from '../../core/slurm/nodelist.ts';
import type { QueuedJob } from '../../ports/slurm.ts';
import type { BurstPorts } from './burst-ports.ts';
import { note } from './decide-burst.ts';
import type { Listings } from './reconcile-listings.ts';

/**
 * Jobs that run on every one of their nodes: their aborts are no longer in a row (burst.md 9.5 step
 * 5). An instance that was only launched and bound says nothing of that: it may never boot.
 */
export async function forgetAborts(
  { nodes, queue }: Pick<Listings, 'nodes' | 'queue'>,
  ports: BurstPorts,
): Promise<void> {
  const notes = [abortsNote(ports.settings.slurm.cluster_name)];
  const view = await ports.ledger.read({ notes });
  const known = new Set(notes.flatMap((name) => Object.keys(parseAborts(view.notes[name]))));
  if (known.size === 0) {
    return;
  }
  const up = new Set(nodes.filter(isUp).map(({ name }) => name));
  const started = queue
    .filter(({ jobId, state }) => state === 'RUNNING' && known.has(`${jobId}`))
    .flatMap((job) => startedOf(job, up));
  if (started.length > 0) {
    const args = { jobs: started.map(({ jobId }) => jobId) };
    await note(ports, { verb: 'jobs started', args }, { notes }, (now) =>
      recordStarted(now, started),
    );
  }
}

function startedOf(
  { jobId, nodeList, startS }: QueuedJob,
  up: ReadonlySet<string>,
): readonly StartedJob[] {
  const names = expandNodelist(nodeList, { unique: true });
  const isRunning = !isNodelistError(names) && names.every((name) => up.has(name));
  return isRunning && startS !== undefined ? [{ jobId, startS }] : [];
}
