import type { Limit, PartitionConf } from '../conf/node-lines.ts';
import type { Job } from './job.ts';
import type { World } from './world.ts';

export function partitionOf(world: World, name: string): PartitionConf | undefined {
  return world.conf.partitions.get(name);
}

export function partitionState(world: World, name: string): string {
  return world.partitionStates.get(name) ?? partitionOf(world, name)?.state ?? 'UP';
}

/** Minutes: as asked, else the partition's DefaultTime, else its MaxTime. */
export function timeLimitOf(world: World, job: Job): Limit {
  const partition = partitionOf(world, job.partition);
  return job.spec.timeLimit ?? partition?.defaultTime ?? partition?.maxTime ?? 'UNLIMITED';
}
