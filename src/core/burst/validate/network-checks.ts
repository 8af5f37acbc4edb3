import { type Check, check, ok } from './check.ts';
import {
  isUnanswered,
  type SiteGroup,
  type SiteRule,
  type SiteTemplate,
  type SiteType,
  type Unanswered,
} from './facts.ts';

// Whether slurmctld reaches the nodes of a group, and they each other: what its launch template and its
// security groups say (burst.md 4.4, 4.7).

export interface NodeNetwork {
  readonly name: string;
  readonly template: SiteTemplate | Unanswered;
  readonly securityGroups: readonly (readonly [id: string, SiteGroup | Unanswered])[];
  readonly types: readonly SiteType[] | Unanswered;
  /** Of the node group, `auto` left out. */
  readonly wanted: readonly string[];
}

/** slurm.conf(5) SlurmdPort. */
const SLURMD_PORT = 6818;
const EVERY_PROTOCOL = '-1';
const TCP: ReadonlySet<string> = new Set(['tcp', '6', EVERY_PROTOCOL]);

function admitsSlurmd({ protocol, fromPort, toPort }: SiteRule): boolean {
  const isEvery = fromPort === undefined || toPort === undefined;
  return TCP.has(protocol) && (isEvery || (fromPort <= SLURMD_PORT && SLURMD_PORT <= toPort));
}

/** srun, sbcast and slurmctld all speak to slurmd. */
function checkReach(name: string, groups: readonly SiteGroup[]): Check {
  const path = `${name} security groups`;
  const fix = `let tcp ${SLURMD_PORT} in from slurmctld and the login nodes, and the nodes' own traffic`;
  const rules = groups.flatMap(({ ingress }) => ingress);
  if (rules.length === 0) {
    return check('warning', 'network-reach', path, [
      'let nothing in: slurmctld reaches no slurmd',
      fix,
    ]);
  }
  return rules.some(admitsSlurmd)
    ? ok('network-reach', path, `tcp ${SLURMD_PORT} is let in`)
    : check('warning', 'network-reach', path, [
        `no rule lets tcp ${SLURMD_PORT} in (SlurmdPort, unless slurm.conf has another)`,
        fix,
      ]);
}

function isOpenToItself(rules: readonly SiteRule[], groupId: string): boolean {
  return rules.some(
    ({ protocol, groupIds }) => protocol === EVERY_PROTOCOL && groupIds.includes(groupId),
  );
}

/** Without it MPI hangs at its first message: EC2 lets EFA through by such a rule alone. */
function checkEfaGroups(name: string, groups: readonly SiteGroup[]): Check {
  const path = `${name} security groups`;
  const isOpen = groups.some(
    ({ groupId, ingress, egress }) =>
      isOpenToItself(ingress, groupId) && (egress === undefined || isOpenToItself(egress, groupId)),
  );
  return isOpen
    ? ok('efa-security-group', path, 'all traffic between members')
    : check('error', 'efa-security-group', path, [
        'none lets all traffic in from itself and out to itself, which EFA needs',
        'add both rules, protocol -1, to one of the groups of the launch template',
      ]);
}

function checkEfaTypes({ name, types, wanted }: NodeNetwork, hasEfa: boolean): readonly Check[] {
  const known = isUnanswered(types) ? [] : types;
  const ours = known.filter(({ instanceType }) => wanted.includes(instanceType));
  const path = `${name} launch_template_specification`;
  const lacking = ours.filter(({ efa }) => !efa).map(({ instanceType }) => instanceType);
  if (hasEfa && lacking.length > 0) {
    const message = `attaches an EFA interface, which ${lacking.join(', ')} cannot have: EC2 refuses the launch`;
    const fix = 'use types with EFA here, or a node group and template of their own';
    return [check('error', 'template-efa', path, [message, fix])];
  }
  const could = ours.filter(({ efa }) => efa).map(({ instanceType }) => instanceType);
  if (!hasEfa && could.length > 0) {
    const message = `attaches no EFA interface, which ${could.join(', ')} could have: jobs that require EFA are refused`;
    const fix = 'InterfaceType: efa in the launch template, or nothing if no job needs it';
    return [check('note', 'template-efa', path, [message, fix])];
  }
  return [];
}

/** Nothing is said of what EC2 did not answer: other checks do. */
export function checkNetwork(at: NodeNetwork): readonly Check[] {
  const { name, template } = at;
  if (isUnanswered(template)) {
    return [];
  }
  const groups = at.securityGroups.flatMap(([, group]) => (isUnanswered(group) ? [] : [group]));
  const used = groups.filter(({ groupId }) => template.securityGroupIds.includes(groupId));
  return [
    ...(groups.length > 0 ? [checkReach(name, groups)] : []),
    ...(template.hasEfa && used.length > 0 ? [checkEfaGroups(name, used)] : []),
    ...checkEfaTypes(at, template.hasEfa),
  ];
}
