// What is done for a node, by what SLURM says of it and what EC2 says of its instance (burst.md 9.2).
// Every pair has a written cell; a cell that asks for a condition does nothing until it holds.

/** What `scontrol show node` and the queue say. */
export const NODE_KINDS = [
  'off',
  'coming for a job',
  'coming',
  'up, idle',
  'up, job running',
  'going',
  'down',
  'drained',
  'completing long',
  'invalid',
  'not in slurm.conf',
  'special',
] as const;

export type NodeKind = (typeof NODE_KINDS)[number];

/** What EC2 says of the instance that the node's newest launch brought. */
export const INSTANCE_KINDS = [
  'nothing',
  'planned',
  'young',
  'silent',
  'registered',
  'ended',
  'stopped',
  'stray',
] as const;

export type InstanceKind = (typeof INSTANCE_KINDS)[number];

/**
 * terminate: the instance. power down: the whole gang of the job, in one call. close: the intent and
 * the cost interval. reset: the node's address. abort: burst.md 9.5. boot failure: counted.
 * unfit: the type is no node of this group. alert: a person is told.
 */
export type Act =
  | 'terminate'
  | 'power down'
  | 'close'
  | 'reset'
  | 'alert'
  | 'abort'
  | 'boot failure'
  | 'unfit';

/** When a cell's acts are due. */
export type Due =
  | 'at once'
  /** The launch call has been under way for longer than a hook lives with it. */
  | 'stale'
  /** The instance is older than burst.orphan_grace. */
  | 'past grace'
  /** The pair was met in an earlier run, at least 50 s ago. */
  | 'second run'
  /** The pair has held for 120 s. */
  | 'held 120 s'
  /** The node was drained by us, not by an administrator. */
  | 'our drain'
  /** Nobody of ours launched it: only with --kill-orphans, and past the grace. */
  | 'orphan';

export interface Cell {
  readonly acts: readonly Act[];
  readonly due: Due;
  /** Done at once while `acts` are not due. */
  readonly first: readonly Act[];
}

function cell(due: Due, ...acts: readonly Act[]): Cell {
  return { acts, due, first: [] };
}

function now(...acts: readonly Act[]): Cell {
  return cell('at once', ...acts);
}

const LEAVE = now();
const STRAY = { acts: ['terminate', 'alert'], due: 'orphan', first: ['alert'] } as const;
const ALERT = now('alert');

/** The columns of reconcile's table, row by row. */
export const RECONCILE_TABLE: Readonly<Record<NodeKind, Readonly<Record<InstanceKind, Cell>>>> = {
  off: {
    nothing: LEAVE,
    planned: cell('stale', 'close'),
    young: cell('past grace', 'terminate', 'close'),
    silent: now('terminate', 'close'),
    registered: now('terminate', 'close'),
    ended: now('close', 'reset'),
    stopped: now('terminate', 'close', 'alert'),
    stray: STRAY,
  },
  'coming for a job': {
    nothing: cell('held 120 s', 'power down'),
    planned: cell('stale', 'abort'),
    young: LEAVE,
    silent: now('abort', 'boot failure'),
    registered: LEAVE,
    ended: now('abort'),
    stopped: now('abort'),
    stray: STRAY,
  },
  coming: {
    nothing: cell('held 120 s', 'power down'),
    planned: cell('stale', 'close', 'power down'),
    young: LEAVE,
    silent: now('terminate', 'power down', 'close'),
    registered: LEAVE,
    ended: now('power down', 'close', 'reset'),
    stopped: now('terminate', 'power down', 'close'),
    stray: STRAY,
  },
  'up, idle': {
    nothing: cell('second run', 'power down', 'alert'),
    planned: cell('stale', 'power down', 'close', 'alert'),
    young: LEAVE,
    silent: now('power down', 'terminate', 'close'),
    registered: LEAVE,
    ended: now('power down', 'close', 'reset'),
    stopped: now('power down', 'terminate', 'close'),
    stray: STRAY,
  },
  'up, job running': {
    nothing: { acts: ['power down', 'alert'], due: 'second run', first: ['alert'] },
    planned: { acts: ['power down', 'alert'], due: 'second run', first: ['alert'] },
    young: LEAVE,
    silent: LEAVE,
    registered: LEAVE,
    ended: now('power down', 'close', 'reset'),
    stopped: now('power down', 'terminate', 'close'),
    stray: STRAY,
  },
  going: {
    nothing: now('reset'),
    planned: cell('stale', 'close'),
    young: now('terminate', 'close'),
    silent: now('terminate', 'close'),
    registered: now('terminate', 'close'),
    ended: now('close', 'reset'),
    stopped: now('terminate', 'close'),
    stray: STRAY,
  },
  down: {
    nothing: now('power down', 'reset'),
    planned: cell('stale', 'close', 'power down', 'reset'),
    young: LEAVE,
    silent: now('abort', 'boot failure'),
    registered: cell('second run', 'terminate', 'power down', 'close'),
    ended: now('power down', 'close', 'reset'),
    stopped: now('terminate', 'power down', 'close'),
    stray: STRAY,
  },
  drained: {
    nothing: cell('our drain', 'power down'),
    planned: cell('stale', 'close'),
    young: LEAVE,
    silent: now('terminate', 'power down', 'close'),
    registered: cell('our drain', 'terminate', 'power down', 'close'),
    ended: now('power down', 'close', 'reset'),
    stopped: now('terminate', 'power down', 'close'),
    stray: ALERT,
  },
  'completing long': {
    nothing: now('alert', 'power down'),
    planned: now('alert', 'power down'),
    young: now('alert', 'power down'),
    silent: now('alert', 'power down'),
    registered: { acts: ['power down', 'alert'], due: 'second run', first: ['alert'] },
    ended: now('power down', 'close', 'reset'),
    stopped: now('power down', 'terminate', 'close'),
    stray: ALERT,
  },
  invalid: {
    nothing: now('power down', 'alert'),
    planned: cell('stale', 'power down', 'close'),
    young: now('terminate', 'power down', 'close', 'unfit'),
    silent: now('terminate', 'power down', 'close', 'unfit'),
    registered: now('terminate', 'power down', 'close', 'unfit'),
    ended: now('power down', 'close', 'reset'),
    stopped: now('terminate', 'power down', 'close'),
    stray: STRAY,
  },
  'not in slurm.conf': {
    nothing: LEAVE,
    planned: cell('stale', 'close', 'alert'),
    young: cell('past grace', 'terminate', 'alert'),
    silent: now('terminate', 'alert'),
    registered: now('terminate', 'alert'),
    ended: now('close'),
    stopped: now('terminate', 'alert'),
    stray: STRAY,
  },
  special: {
    nothing: LEAVE,
    planned: LEAVE,
    young: LEAVE,
    silent: LEAVE,
    registered: LEAVE,
    ended: ALERT,
    stopped: ALERT,
    stray: ALERT,
  },
};

/** What must be known to tell whether a cell is due. Ages in seconds, never negative. */
export interface Timing {
  /** Since the launch call was planned. */
  readonly intentAgeS: number;
  /** How long a hook may live with such a call. */
  readonly staleAfterS: number;
  readonly instanceAgeS: number;
  readonly orphanGraceS: number;
  /** Since this very pair was first met; undefined: it is new. */
  readonly heldForS: number | undefined;
  readonly isOurDrain: boolean;
  readonly killsOrphans: boolean;
}

const SECOND_RUN_S = 50;
const HELD_S = 120;

/** The acts that are due now. */
export function actsOf(node: NodeKind, instance: InstanceKind, timing: Timing): readonly Act[] {
  const { acts, due, first } = RECONCILE_TABLE[node][instance];
  return isDue(due, timing) ? acts : first;
}

/** True when the cell waits for time to pass, so that the pair must be remembered. */
export function isRemembered(node: NodeKind, instance: InstanceKind): boolean {
  const { due } = RECONCILE_TABLE[node][instance];
  return due === 'second run' || due === 'held 120 s';
}

function isDue(due: Due, timing: Timing): boolean {
  switch (due) {
    case 'at once':
      return true;
    case 'stale':
      return timing.intentAgeS > timing.staleAfterS;
    case 'past grace':
      return timing.instanceAgeS > timing.orphanGraceS;
    case 'second run':
      return (timing.heldForS ?? 0) >= SECOND_RUN_S;
    case 'held 120 s':
      return (timing.heldForS ?? 0) >= HELD_S;
    case 'our drain':
      return timing.isOurDrain;
    case 'orphan':
      return timing.killsOrphans && timing.instanceAgeS > timing.orphanGraceS;
  }
}
