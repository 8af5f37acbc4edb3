import type { NodeConf } from '../conf/node-lines.ts';
import { baseState, has, longState, type Node } from '../model/node.ts';
import { confOf, usageOf, type World } from '../model/world.ts';
import { showTime } from '../times.ts';
import { showMebibytes } from '../units.ts';

/** The lines of one node, as slurm_sprint_node_table() makes them; -o joins them with blanks. */
export function nodeLines(node: Node, world: World): readonly string[] {
  const conf = confOf(world, node);
  const usage = usageOf(world, node.name);
  const used = usage.cpuIds.length;
  const features = conf.features.join(',') || '(null)';
  const state = longState(node, baseState(node, used, conf.cpus));
  const seen = node.wasSeen;
  return [
    `NodeName=${node.name} ${seen ? 'Arch=x86_64 ' : ''}CoresPerSocket=${conf.coresPerSocket} `,
    `CPUAlloc=${used} CPUEfctv=${conf.cpus} CPUTot=${conf.cpus} CPULoad=${seen ? '0.00' : 'N/A'}`,
    `AvailableFeatures=${features}`,
    `ActiveFeatures=${features}`,
    `Gres=${conf.gres || '(null)'}`,
    `NodeAddr=${node.address} NodeHostName=${node.hostname} Port=${conf.port} ${seen ? 'Version=22.05.8' : ''}`,
    ...(seen ? ['OS=Linux 6.1.0 #1 SMP PREEMPT_DYNAMIC @0 '] : []),
    `RealMemory=${conf.realMemory} AllocMem=${usage.mem} FreeMem=${seen ? conf.realMemory : 'N/A'} Sockets=${conf.sockets} Boards=${conf.boards}`,
    `State=${state} ThreadsPerCore=${conf.threadsPerCore} TmpDisk=${conf.tmpDisk} Weight=${conf.weight} Owner=N/A MCS_label=N/A`,
    `Partitions=${partitionsOf(node, world)} `,
    `BootTime=${showTime(node.bootUs, 'None')} SlurmdStartTime=${showTime(node.bootUs, 'None')}`,
    `LastBusyTime=${showTime(node.lastBusyUs)}`,
    `CfgTRES=${cfgTres(conf, world)}`,
    `AllocTRES=${allocTres(node, world)}`,
    'CapWatts=n/a',
    'CurrentWatts=0 AveWatts=0',
    'ExtSensorsJoules=n/s ExtSensorsWatts=0 ExtSensorsTemp=n/s',
    ...(node.reason === undefined
      ? []
      : [`Reason=${node.reason.text} [${node.reason.user}@${showTime(node.reason.atUs)}]`]),
  ];
}

/** Without PrivateData=cloud nobody sees a node that is powered down, nor one whose power is on its way. */
export function isVisible(node: Node, world: World): boolean {
  return world.conf.showsCloud || !(has(node, 'CLOUD') && has(node, 'POWERED_DOWN'));
}

function partitionsOf(node: Node, world: World): string {
  return [...world.conf.partitions.values()]
    .filter((partition) => partition.nodes.includes(node.name))
    .map((partition) => partition.name)
    .join(',');
}

function cfgTres(conf: NodeConf, world: World): string {
  const gpus = conf.gpus > 0 && world.conf.tracksGpus ? `,gres/gpu=${conf.gpus}` : '';
  return `cpu=${conf.cpus},mem=${showMebibytes(conf.realMemory)},billing=${conf.cpus}${gpus}`;
}

function allocTres(node: Node, world: World): string {
  const { cpuIds, mem, gpus } = usageOf(world, node.name);
  if (cpuIds.length === 0) {
    return '';
  }
  const memText = mem > 0 ? `,mem=${showMebibytes(mem)}` : '';
  return `cpu=${cpuIds.length}${memText}${gpus > 0 && world.conf.tracksGpus ? `,gres/gpu=${gpus}` : ''}`;
}
