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
  /** Its row is open, and no listing shows the instance: as `ended` once that has held. */
  'vanished',
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
 * unfit: the type is no node of this group. adopt: the instance gets an intent of this ledger.
 * alert: a person is told. drain, signal, requeue: of 9.3 and 9.4, in no cell of the table.
 */
export type Act =
  | 'terminate'
  | 'power down'
  | 'close'
  | 'reset'
  | 'alert'
  | 'abort'
  | 'boot failure'
  | 'unfit'
  | 'adopt'
  | 'drain'
  | 'signal'
  | 'requeue';

/** When a cell's acts are due. */
export type Due =
  | 'at once'
  /** The launch call has been under way for longer than a hook lives with it (120 s and its tags). */
  | 'stale'
  /** The instance is older than burst.orphan_grace. */
  | 'past grace'
  /** The pair was met in an earlier run, at least 50 s ago. */
  | 'second run'
  /** The pair has held for 120 s. */
  | 'held 120 s'
  /** The node was drained by us, not by an administrator. */
  | 'our drain';

export interface Cell {
  readonly acts: readonly Act[];
  readonly due: Due;
  /** Done at once while `acts` are not due. */
  readonly first: readonly Act[];
}

type Row = Readonly<Record<InstanceKind, Cell>>;

function cell(due: Due, ...acts: readonly Act[]): Cell {
  return { acts, due, first: [] };
}

function now(...acts: readonly Act[]): Cell {
  return cell('at once', ...acts);
}

/** A listing may lag: what is in none of two is over, and is dealt with as what ended. */
function row(cells: Omit<Row, 'vanished'>): Row {
  return { ...cells, vanished: cell('second run', ...cells.ended.acts) };
}

const LEAVE = now();
const ALERT = now('alert');
/** The gang of the job goes when the node is met again without an instance. */
const LOST_UNDER_A_JOB: Cell = {
  acts: ['power down', 'alert'],
  due: 'second run',
  first: ['alert'],
};

/**
 * The columns of burst.md 9.2, row by row. Two readings where its words leave one: a call that may
 * still be under way (`planned`) is nobody's to end before its hook can be dead, in every row; and
 * what is said of strays goes through strayActs, because no foreign instance is terminated unasked (F53).
 */
export const RECONCILE_TABLE: Readonly<Record<NodeKind, Row>> = {
  off: row({
    nothing: LEAVE,
    planned: cell('stale', 'close'),
    young: cell('past grace', 'terminate', 'close'),
    silent: now('terminate', 'close'),
    registered: now('terminate', 'close'),
    ended: now('close', 'reset'),
    stopped: now('terminate', 'close', 'alert'),
    stray: cell('past grace', 'terminate', 'alert'),
  }),
  'coming for a job': row({
    nothing: cell('held 120 s', 'power down'),
    planned: cell('stale', 'abort'),
    young: LEAVE,
    silent: now('abort', 'boot failure'),
    registered: LEAVE,
    ended: now('abort'),
    stopped: now('abort', 'terminate'),
    stray: now('adopt', 'terminate'),
  }),
  coming: row({
    nothing: now('power down'),
    planned: cell('stale', 'close', 'power down'),
    young: LEAVE,
    silent: now('terminate', 'power down', 'close'),
    registered: LEAVE,
    ended: now('power down', 'close', 'reset'),
    stopped: now('terminate', 'power down', 'close'),
    stray: now('terminate'),
  }),
  'up, idle': row({
    nothing: now('power down', 'alert'),
    planned: cell('stale', 'power down', 'close', 'alert'),
    young: LEAVE,
    silent: now('power down', 'terminate', 'close'),
    registered: LEAVE,
    ended: now('power down', 'close', 'reset'),
    stopped: now('power down', 'terminate', 'close'),
    stray: now('adopt', 'alert'),
  }),
  'up, job running': row({
    nothing: LOST_UNDER_A_JOB,
    planned: LOST_UNDER_A_JOB,
    young: LEAVE,
    silent: LEAVE,
    registered: LEAVE,
    ended: now('power down', 'close', 'reset'),
    stopped: now('power down', 'terminate', 'close'),
    stray: now('adopt', 'alert'),
  }),
  going: row({
    nothing: now('reset'),
    planned: cell('stale', 'close'),
    young: now('terminate', 'close'),
    silent: now('terminate', 'close'),
    registered: now('terminate', 'close'),
    ended: now('close', 'reset'),
    stopped: now('terminate', 'close'),
    stray: now('terminate'),
  }),
  down: row({
    nothing: now('power down', 'reset'),
    planned: cell('stale', 'close', 'power down', 'reset'),
    young: LEAVE,
    silent: now('terminate', 'power down', 'close', 'boot failure'),
    registered: cell('second run', 'terminate', 'power down', 'close'),
    ended: now('power down', 'close', 'reset'),
    stopped: now('terminate', 'power down', 'close'),
    stray: now('terminate', 'power down'),
  }),
  drained: row({
    nothing: cell('our drain', 'power down'),
    planned: cell('stale', 'close'),
    young: LEAVE,
    silent: now('terminate', 'power down', 'close'),
    registered: cell('our drain', 'terminate', 'power down', 'close'),
    ended: now('power down', 'close', 'reset'),
    stopped: now('terminate', 'power down', 'close'),
    stray: ALERT,
  }),
  'completing long': row({
    nothing: now('alert', 'power down'),
    planned: now('alert', 'power down'),
    young: now('alert', 'power down'),
    silent: now('alert', 'power down'),
    registered: { acts: ['power down', 'alert'], due: 'second run', first: ['alert'] },
    ended: now('power down', 'close', 'reset'),
    stopped: now('power down', 'terminate', 'close'),
    stray: ALERT,
  }),
  invalid: row({
    nothing: now('power down', 'alert'),
    planned: cell('stale', 'power down', 'close'),
    young: now('terminate', 'power down', 'close', 'unfit'),
    silent: now('terminate', 'power down', 'close', 'unfit'),
    registered: now('terminate', 'power down', 'close', 'unfit'),
    ended: now('power down', 'close', 'reset'),
    stopped: now('terminate', 'power down', 'close'),
    stray: now('terminate'),
  }),
  'not in slurm.conf': row({
    nothing: LEAVE,
    planned: cell('stale', 'close', 'alert'),
    young: cell('past grace', 'terminate', 'alert'),
    silent: now('terminate', 'alert'),
    registered: now('terminate', 'alert'),
    ended: now('close'),
    stopped: now('terminate', 'alert'),
    stray: cell('past grace', 'terminate', 'alert'),
  }),
  special: row({
    nothing: LEAVE,
    planned: LEAVE,
    young: LEAVE,
    silent: LEAVE,
    registered: LEAVE,
    ended: ALERT,
    stopped: ALERT,
    stray: ALERT,
  }),
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
  readonly stray: StrayTiming;
}

/** An instance with our cluster's tag whose intent this ledger does not have. */
export interface StrayTiming {
  readonly ageS: number;
  /** Its tags name this node (and the job that waits for it), and SLURM's address of it agrees. */
  readonly isNodes: boolean;
  /** `--after-restore`: whatever names a node of ours becomes ours, nothing is terminated (F46). */
  readonly isRestored: boolean;
  /** `--kill-orphans`: an operator has said that nobody else's are among them. */
  readonly kills: boolean;
}

const SECOND_RUN_S = 50;
const HELD_S = 120;

/** The acts that are due now. */
export function actsOf(node: NodeKind, instance: InstanceKind, timing: Timing): readonly Act[] {
  const { acts, due, first } = RECONCILE_TABLE[node][instance];
  if (instance === 'stray') {
    return strayActs(acts, timing);
  }
  return isDue(due, timing) ? acts : first;
}

/**
 * F53 and R17: an intent that this ledger does not have may be another cluster's, so its instance is
 * told of and never terminated unasked. One that SLURM reaches as this node is adopted instead.
 */
function strayActs(acts: readonly Act[], { stray, orphanGraceS }: Timing): readonly Act[] {
  if (stray.isRestored) {
    return stray.isNodes ? ['adopt', 'alert'] : ['alert'];
  }
  if (acts.includes('adopt') && stray.isNodes) {
    return ['adopt', 'alert'];
  }
  const ends = acts.includes('terminate') && stray.kills && stray.ageS > orphanGraceS;
  return [
    ...(ends ? (['terminate'] as const) : []),
    ...acts.filter((act) => act === 'power down'),
    'alert',
  ];
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
  }
}
