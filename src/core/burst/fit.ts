import type { NodeGroupSettings } from '../config/settings.ts';
import type { Capability } from './capability.ts';
import { nodeSize } from './node-count.ts';

// Can an instance of this type be a node of the group? One with less than the node declares registers
// as invalid and drains, so it is never launched (burst.md 4.5).

/** slurmctld lets a CLOUD node register with 90 % of RealMemory (node_reg_mem_percent). */
const MEMORY_SHARE = 0.9;
const ONE_THREAD = '1';
/** A Gres type that names the product; others (`tesla`, `large`) are the site's own words. */
const GPU_MODEL = /^(?:[a-z]{1,3}[0-9]{1,3}[a-z]?|mi[0-9]{2,3}x?)$/u;

/**
 * Why not, in words; undefined: it fits, or nothing is known against it. `exact`: as a choice of ours,
 * which also must be known and have no GPUs that nobody asked for.
 */
export function misfitOf(
  group: NodeGroupSettings,
  capability: Capability,
  choice: 'listed' | 'exact' = 'listed',
): string | undefined {
  const { memoryMib = 0 } = nodeSize(group);
  const { vcpus, mib } = capability;
  if (choice === 'exact' && (vcpus === undefined || mib === undefined)) {
    return 'its size is not known';
  }
  if (mib !== undefined && mib * MEMORY_SHARE < memoryMib) {
    return cpuMisfit(group, capability) ?? `has ${mib} MiB, the nodes declare ${memoryMib}`;
  }
  return cpuMisfit(group, capability) ?? gpuMisfit(group, capability, choice);
}

function cpuMisfit(group: NodeGroupSettings, { vcpus, cores }: Capability): string | undefined {
  const { cpus } = nodeSize(group);
  const isPerCore = threadsPerCore(group) === ONE_THREAD;
  const usable = isPerCore ? cores : vcpus;
  return usable !== undefined && usable < cpus
    ? `has ${usable} ${isPerCore ? 'cores' : 'CPUs'}, the nodes declare ${cpus}`
    : undefined;
}

function threadsPerCore({ slurm_specifications }: NodeGroupSettings): string | undefined {
  return Object.entries(slurm_specifications).find(
    ([name]) => name.toLowerCase() === 'threadspercore',
  )?.[1];
}

function gpuMisfit(
  group: NodeGroupSettings,
  { gpus }: Capability,
  choice: 'listed' | 'exact',
): string | undefined {
  const declared = nodeSize(group).gres.filter(
    ({ name }) => name === 'gpu' || name.startsWith('gpu:'),
  );
  const wanted = declared.reduce((total, { count }) => total + count, 0);
  const own = gpus?.reduce((total, { count }) => total + count, 0);
  if (own === undefined) {
    return choice === 'exact' && wanted > 0 ? 'its GPUs are not known' : undefined;
  }
  if (own < wanted || (choice === 'exact' && own !== wanted)) {
    return `has ${own} GPUs, the nodes declare ${wanted}`;
  }
  const names = gpus?.map(({ name }) => name) ?? [];
  const other = declared
    .map(({ name }) => name.slice('gpu:'.length).toLowerCase())
    .find((model) => GPU_MODEL.test(model) && !names.some((name) => isModel(name, model)));
  return other === undefined ? undefined : `has ${names.join(', ')}, the nodes declare ${other}`;
}

const NOT_A_NAME = /[^a-z0-9]+/u;

/** `A10G` is an `a10g`, not an `a100`. */
function isModel(name: string, model: string): boolean {
  return name.toLowerCase().split(NOT_A_NAME).includes(model);
}

/** For sorting: by CPUs, then by memory; a type whose size is not known comes last. */
export function isLarger(a: Capability, b: Capability): number {
  return difference(a.vcpus, b.vcpus) || difference(a.mib, b.mib);
}

function difference(a = Number.MAX_SAFE_INTEGER, b = Number.MAX_SAFE_INTEGER): number {
  return a - b;
}
