import type { InstanceRow, IntentRow } from '../ledger/rows.ts';
import type { InstanceKind, NodeKind } from './reconcile-table.ts';

// Which row and which column of reconcile's table a node is in.

export interface NodeFacts {
  readonly name: string;
  readonly state: string;
  readonly flags: readonly string[];
  readonly reason: string;
  /** When its slurmd started; undefined: not known. */
  readonly slurmdStartS?: number | undefined;
}

const SPECIAL = ['MAINTENANCE', 'RESERVED', 'REBOOT_REQUESTED', 'REBOOT_ISSUED', 'REBOOT^'];
const OUR_DRAIN = /^(?:\(Code:[^)]*\))?asbb: /;

/**
 * The row of a node. `hasJob`: a live job has it in its node list. `completesLong`: it has been
 * COMPLETING for more than ten minutes. Undefined node: slurm.conf does not have it.
 */
export function nodeKind(
  node: NodeFacts | undefined,
  { hasJob, completesLong }: { readonly hasJob: boolean; readonly completesLong: boolean },
): NodeKind {
  if (node === undefined) {
    return 'not in slurm.conf';
  }
  const { state, flags } = node;
  if (SPECIAL.some((flag) => flags.includes(flag) || state === flag)) {
    return 'special';
  }
  if (flags.includes('INVALID_REG')) {
    return 'invalid';
  }
  return powerKind(flags, hasJob) ?? upKind(node, { hasJob, completesLong });
}

function powerKind(flags: readonly string[], hasJob: boolean): NodeKind | undefined {
  if (flags.includes('POWERING_DOWN')) {
    return 'going';
  }
  if (flags.includes('POWERING_UP')) {
    return hasJob ? 'coming for a job' : 'coming';
  }
  return undefined;
}

function upKind(
  node: NodeFacts,
  { hasJob, completesLong }: { readonly hasJob: boolean; readonly completesLong: boolean },
): NodeKind {
  const { state, flags } = node;
  if (isLost(node)) {
    return isOff(state, flags) ? 'off' : 'down';
  }
  if (flags.includes('POWERED_DOWN')) {
    return 'off';
  }
  if (!hasJob && isPowerDownDue(node)) {
    return 'going';
  }
  if (!hasJob && (flags.includes('DRAIN') || flags.includes('FAIL'))) {
    return 'drained';
  }
  if (completesLong) {
    return 'completing long';
  }
  return hasJob || state === 'COMPLETING' ? 'up, job running' : 'up, idle';
}

function isLost({ state, flags }: NodeFacts): boolean {
  return state === 'DOWN' || (state !== 'COMPLETING' && flags.includes('NOT_RESPONDING'));
}

/** `state=resume` on `down~` leaves a clean `idle~` with NOT_RESPONDING (burst.md 7.4). */
function isOff(state: string, flags: readonly string[]): boolean {
  return state !== 'DOWN' && flags.includes('POWERED_DOWN');
}

export function isCompleting({ state, flags }: NodeFacts): boolean {
  return state === 'COMPLETING' || flags.includes('COMPLETING');
}

/** slurmd has registered and answers. */
export function isUp({ state, flags }: NodeFacts): boolean {
  const isThere = ['IDLE', 'MIXED', 'ALLOCATED', 'COMPLETING'].includes(state);
  return isThere && !flags.some((flag) => NOT_UP.has(flag));
}

const NOT_UP: ReadonlySet<string> = new Set([
  'POWERED_DOWN',
  'POWERING_DOWN',
  'POWERING_UP',
  'POWER_DOWN',
  'NOT_RESPONDING',
  'INVALID_REG',
]);

/** `state=power_down` waits for the jobs of a node: until they are over it is up (burst.md 7.4). */
export function isPowerDownDue({ state, flags }: Pick<NodeFacts, 'state' | 'flags'>): boolean {
  return flags.includes('POWER_DOWN') && state !== 'ALLOCATED' && state !== 'MIXED';
}

/** SLURM has called SuspendProgram for it, or has had it off since: it sends the node nothing more. */
export function isPoweredOff({ flags }: Pick<NodeFacts, 'flags'>): boolean {
  return flags.includes('POWERING_DOWN') || flags.includes('POWERED_DOWN');
}

/** Takes no new job already, whoever wanted that. */
export function isDrained({ state, flags }: NodeFacts): boolean {
  return state === 'DRAINED' || flags.includes('DRAIN') || flags.includes('FAIL');
}

export function isOurDrain({ reason }: NodeFacts): boolean {
  return OUR_DRAIN.test(reason);
}

/** What the newest launch for a node brought; all of it as it was when the run began. */
export interface LaunchOnNode {
  /** Not aborted, and planned, sent or unknown. */
  readonly openIntent?: IntentRow | undefined;
  /** Not ended when the run began. */
  readonly row?: InstanceRow | undefined;
  /** EC2's state of that instance; undefined: not in the listing. */
  readonly state?: string | undefined;
  readonly ageS: number;
  readonly bootTimeoutS: number;
  readonly hasStray: boolean;
  /** Its slurmd answers SLURM, whether or not an earlier run has noted that (`ready`). */
  readonly hasRegistered: boolean;
}

/** The column of a node. */
export function instanceKind(launch: LaunchOnNode): InstanceKind {
  const { row, state, openIntent } = launch;
  if (row !== undefined && state !== undefined) {
    return stateKind(row, state, launch);
  }
  if (openIntent !== undefined) {
    return 'planned';
  }
  if (row !== undefined) {
    return 'vanished';
  }
  return launch.hasStray ? 'stray' : 'nothing';
}

function stateKind(row: InstanceRow, state: string, launch: LaunchOnNode): InstanceKind {
  switch (state) {
    case 'shutting-down':
    case 'terminated':
      return 'ended';
    case 'stopping':
    case 'stopped':
      return 'stopped';
    default:
      if (row.state === 'ready' || launch.hasRegistered) {
        return 'registered';
      }
      return launch.ageS > launch.bootTimeoutS ? 'silent' : 'young';
  }
}
