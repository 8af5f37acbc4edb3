import { compressNodelist } from '../../core/slurm/nodelist.ts';
import { formatTimeLimit } from '../../core/slurm/time-limit.ts';
import type { Limit, PartitionConf } from '../conf/node-lines.ts';
import { partitionState } from '../model/limits.ts';
import type { World } from '../model/world.ts';
import { showMebibytes } from '../units.ts';

/** The lines of one partition; -o joins them with blanks. */
export function partitionLines(partition: PartitionConf, world: World): readonly string[] {
  const { defMemPerCpu, defMemPerNode = 'UNLIMITED', maxMemPerNode = 'UNLIMITED' } = partition;
  const defMem =
    defMemPerCpu === undefined ? `DefMemPerNode=${defMemPerNode}` : `DefMemPerCPU=${defMemPerCpu}`;
  const { cpus, mem, gpus } = totals(partition, world);
  return [
    `PartitionName=${partition.name}`,
    `AllowGroups=ALL AllowAccounts=${partition.allowAccounts?.join(',') ?? 'ALL'} AllowQos=ALL`,
    `AllocNodes=ALL Default=${partition.isDefault ? 'YES' : 'NO'} QoS=N/A`,
    `DefaultTime=${partition.defaultTime === undefined ? 'NONE' : limitText(partition.defaultTime)} DisableRootJobs=NO ExclusiveUser=NO GraceTime=0 Hidden=NO`,
    `MaxNodes=${partition.maxNodes} MaxTime=${limitText(partition.maxTime)} MinNodes=${partition.minNodes} LLN=NO MaxCPUsPerNode=UNLIMITED`,
    `Nodes=${compressNodelist(partition.nodes) || '(null)'}`,
    `PriorityJobFactor=1 PriorityTier=1 RootOnly=NO ReqResv=NO OverSubscribe=${partition.overSubscribe}`,
    'OverTimeLimit=NONE PreemptMode=OFF',
    `State=${partitionState(world, partition.name)} TotalCPUs=${cpus} TotalNodes=${partition.nodes.length} SelectTypeParameters=NONE`,
    'JobDefaults=(null)',
    `${defMem} MaxMemPerNode=${maxMemPerNode}`,
    `TRES=cpu=${cpus},mem=${showMebibytes(mem)},node=${partition.nodes.length},billing=${cpus}${gpus > 0 && world.conf.tracksGpus ? `,gres/gpu=${gpus}` : ''}`,
  ];
}

function totals(
  partition: PartitionConf,
  world: World,
): { readonly cpus: number; readonly mem: number; readonly gpus: number } {
  let cpus = 0;
  let mem = 0;
  let gpus = 0;
  for (const name of partition.nodes) {
    const conf = world.conf.nodes.get(name);
    cpus += conf?.cpus ?? 0;
    mem += conf?.realMemory ?? 0;
    gpus += conf?.gpus ?? 0;
  }
  return { cpus, mem, gpus };
}

function limitText(limit: Limit): string {
  return limit === 'UNLIMITED' ? limit : formatTimeLimit(limit * 60);
}
