import type { NodeGroupSettings } from '../../config/settings.ts';
import { type Check, check, ok } from './check.ts';

/** A node as SLURM shows it. */
export interface NodeFacts {
  readonly name: string;
  readonly flags: readonly string[];
  readonly cpus: number;
  readonly realMemoryMib: number;
  readonly features?: readonly string[] | undefined;
  readonly gres?: string | undefined;
}

export interface GroupInSlurm {
  /** `aws-cpu`. */
  readonly name: string;
  readonly group: NodeGroupSettings;
  /** Every node that the configuration says. */
  readonly wanted: readonly string[];
  readonly nodes: readonly NodeFacts[];
}

const PRINTED = 'the NodeName line that asbb slurm conf prints, then scontrol reconfigure';

function specified({ slurm_specifications }: NodeGroupSettings, name: string): string | undefined {
  return Object.entries(slurm_specifications).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** What differs in one node; undefined: nothing. */
function misfit(node: NodeFacts, group: NodeGroupSettings): string | undefined {
  const cpus = specified(group, 'cpus');
  const memory = specified(group, 'realmemory');
  const gres = specified(group, 'gres');
  const wanted = (specified(group, 'feature') ?? specified(group, 'features') ?? '')
    .split(',')
    .filter((feature) => feature !== '');
  const missing = wanted.filter((feature) => node.features?.includes(feature) === false);
  const differences = [
    ...(node.flags.includes('CLOUD') ? [] : ['State is not CLOUD']),
    ...(cpus === undefined || Number(cpus) === node.cpus
      ? []
      : [`CPUs ${node.cpus} instead of ${cpus}`]),
    ...(memory === undefined || Number(memory) === node.realMemoryMib
      ? []
      : [`RealMemory ${node.realMemoryMib} instead of ${memory}`]),
    ...(gres === undefined || node.gres === undefined || node.gres === gres
      ? []
      : [`Gres ${node.gres === '' ? 'none' : node.gres} instead of ${gres}`]),
    ...(missing.length === 0 ? [] : [`no feature ${missing.join(', ')}`]),
  ];
  return differences.length === 0 ? undefined : differences.join('; ');
}

/** A group's nodes are in SLURM, as cloud nodes, and as large as jobs are priced (burst.md 1.5). */
export function checkGroupInSlurm({ name, group, wanted, nodes }: GroupInSlurm): readonly Check[] {
  const known = new Map(nodes.map((node) => [node.name, node]));
  const missing = wanted.filter((node) => !known.has(node));
  const misfits = wanted.flatMap((node) => {
    const found = known.get(node);
    const what = found === undefined ? undefined : misfit(found, group);
    return what === undefined ? [] : [{ node, what }];
  });
  const kinds = new Map(misfits.map(({ node, what }) => [what, node]));
  const path = `${name} nodes`;
  const wrong = [
    ...(missing.length === 0
      ? []
      : [`SLURM does not know ${missing.length} of ${wanted.length} nodes, ${missing[0]} first`]),
    ...[...kinds.keys()].map((what) => {
      const alike = misfits.filter((each) => each.what === what);
      return `${alike[0]?.node}${alike.length > 1 ? ` and ${alike.length - 1} more` : ''}: ${what}`;
    }),
  ];
  return wrong.length === 0
    ? [ok('nodes', path, `${wanted.length} cloud nodes as configured`)]
    : wrong.map((message) => check('error', 'nodes', path, [message, PRINTED]));
}
