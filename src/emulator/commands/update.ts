import { type Cluster, change } from '../cluster.ts';
import { Complaint } from '../complaint.ts';
import { happened } from '../model/world.ts';
import { type Pairs, pairsOf, refuseOthers } from './pairs.ts';
import { updateJobs } from './update-job.ts';
import { updateNodes } from './update-node.ts';

const NOTHING_TO_UPDATE = [
  'No valid entity in update command',
  'Input line must include "NodeName", "PartitionName", "Reservation", "JobId", or "SlurmctldDebug"',
].join('\n');

export function update(cluster: Cluster, words: readonly string[]): string {
  const pairs = pairsOf(words);
  if (pairs.has('jobid')) {
    return updateJobs(cluster, pairs);
  }
  if (pairs.has('nodename')) {
    return updateNodes(cluster, pairs);
  }
  if (pairs.has('partitionname')) {
    return updatePartition(cluster, pairs);
  }
  throw new Complaint(NOTHING_TO_UPDATE);
}

const KNOWN = new Set(['partitionname', 'state']);
const STATES = new Set(['UP', 'DOWN', 'DRAIN', 'INACTIVE']);

function updatePartition(cluster: Cluster, pairs: Pairs): string {
  const name = pairs.get('partitionname') ?? '';
  const state = (pairs.get('state') ?? '').toUpperCase();
  refuseOthers(pairs, KNOWN);
  if (!STATES.has(state)) {
    throw new Complaint(
      `scontrol: error: Invalid input: state=${pairs.get('state')}\nscontrol: error: Acceptable State values are UP, DOWN, DRAIN and INACTIVE\nslurm_update error: No error`,
    );
  }
  return change(cluster, (world) => {
    if (!world.conf.partitions.has(name)) {
      throw new Complaint('slurm_update error: Invalid partition name specified');
    }
    if (!cluster.isOperator) {
      throw new Complaint('slurm_update error: Invalid user id');
    }
    world.partitionStates.set(name, state);
    happened(world, 'partition', { partition: name, state });
    return '';
  });
}
