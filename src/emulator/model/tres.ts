import { showMebibytes } from '../units.ts';
import { cpusOf, type Job } from './job.ts';
import { gpusOn, memoryOf, neededCpus, neededNodes } from './needs.ts';
import type { World } from './world.ts';

interface Tres {
  readonly cpus: number;
  readonly mem: number;
  readonly nodes: number;
  readonly gpus: number;
}

/** What the job has, or asks for while it has nothing. */
function tresOf(world: World, job: Job): Tres {
  const shares = Object.values(job.shares);
  if (shares.length > 0 && job.nodes.length > 0) {
    return {
      cpus: cpusOf(job),
      mem: shares.reduce((sum, share) => sum + share.mem, 0),
      nodes: job.nodes.length,
      gpus: shares.reduce((sum, share) => sum + share.gpus, 0),
    };
  }
  const nodes = neededNodes(world, job);
  const cpus = neededCpus(world, job);
  const { perCpu, perNode } = memoryOf(world, job);
  const mem = perNode === undefined ? (perCpu ?? 0) * cpus : perNode * nodes;
  return { cpus, mem, nodes, gpus: gpusOn(job, nodes) * nodes };
}

/** `cpu=4,mem=400M,node=1,billing=4,gres/gpu=1`: the order of scontrol. */
export function scontrolTres(world: World, job: Job): string {
  const { cpus, mem, nodes, gpus } = tresOf(world, job);
  return [
    `cpu=${cpus}`,
    ...(mem > 0 ? [`mem=${showMebibytes(mem)}`] : []),
    `node=${nodes}`,
    `billing=${cpus}`,
    ...(gpus > 0 && world.conf.tracksGpus ? [`gres/gpu=${gpus}`] : []),
  ].join(',');
}

/** `billing=8,cpu=8,mem=800M,node=2`: the order of sacct, and always mebibytes (--noconvert). */
export function sacctTres(world: World, job: Job): string {
  const { cpus, mem, nodes, gpus } = tresOf(world, job);
  return [
    `billing=${cpus}`,
    `cpu=${cpus}`,
    ...(gpus > 0 && world.conf.tracksGpus ? [`gres/gpu=${gpus}`] : []),
    ...(mem > 0 ? [`mem=${mem}M`] : []),
    `node=${nodes}`,
  ].join(',');
}
