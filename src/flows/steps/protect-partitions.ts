import { bootFailuresNote, parseBootFailures } from '../../core/burst/boot-failures.ts';
import {
  parseProtected,
  protectedNote,
  recordProtected,
  toProtect,
} from '../../core/burst/protected.ts';
import { Fault } from '../../core/errors.ts';
import type { QueuedJob } from '../../ports/slurm.ts';
import type { BurstPorts } from './burst-ports.ts';
import { note } from './decide-burst.ts';

const RUNS: ReadonlySet<string> = new Set(['RUNNING', 'SUSPENDED', 'COMPLETING', 'STOPPED']);

/** Closes partitions whose nodes boot in vain (burst.md 9.7). Answers those closed now. */
export async function protectPartitions(
  queue: readonly QueuedJob[],
  ports: BurstPorts,
): Promise<readonly string[]> {
  const { ledger, settings, log } = ports;
  const cluster = settings.slurm.cluster_name;
  const names = [bootFailuresNote(cluster), protectedNote(cluster)] as const;
  const { notes } = await ledger.read({ notes: names });
  const failures = parseBootFailures(notes[names[0]]);
  const { close, alertOnly } = toProtect({
    failures,
    isProtected: parseProtected(notes[names[1]]),
    busy: new Set(queue.filter(({ state }) => RUNS.has(state)).map(({ partition }) => partition)),
    limit: settings.burst.protected_failure_count,
  });
  for (const partition of alertOnly) {
    log.write('error', 'boots_fail', { partition, count: failures[partition] });
  }
  const closed: string[] = [];
  for (const partition of close) {
    closed.push(...((await closePartition(partition, ports)) ? [partition] : []));
  }
  return closed;
}

/** SLURM first: what it did not take is tried again by the next run. */
async function closePartition(partition: string, ports: BurstPorts): Promise<boolean> {
  const { slurm, log, settings } = ports;
  try {
    await slurm.setPartitionState(partition, 'INACTIVE');
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    log.write('error', 'partition_not_protected', { partition, msg: error.message });
    return false;
  }
  const query = { notes: [protectedNote(settings.slurm.cluster_name)] };
  await note(ports, { verb: 'partition protected', args: { partition } }, query, (view) =>
    recordProtected(view, partition),
  );
  log.write('error', 'partition_protected', {
    partition,
    msg: `its nodes boot in vain; when that is mended: asbb nodes unprotect ${partition}`,
  });
  return true;
}
