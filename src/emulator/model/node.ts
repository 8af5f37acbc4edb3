/** Marks of a node, in the order in which SLURM 22.05 prints them after the base state. */
export const FLAGS = [
  'CLOUD',
  'COMPLETING',
  'DRAIN',
  'POWER_DOWN',
  'POWER_UP',
  'POWERED_DOWN',
  'FAIL',
  'POWERING_DOWN',
  'NOT_RESPONDING',
  'POWERING_UP',
] as const;

export type NodeFlag = (typeof FLAGS)[number];

export interface NodeReason {
  readonly text: string;
  readonly user: string;
  readonly atUs: number;
}

/** What slurmctld remembers of a node besides slurm.conf. Times are microseconds, 0 = none. */
export interface Node {
  readonly name: string;
  isDown: boolean;
  flags: readonly NodeFlag[];
  address: string;
  hostname: string;
  reason: NodeReason | undefined;
  /** A slurmd of it was seen once; SLURM goes on showing what it said. */
  wasSeen: boolean;
  bootUs: number;
  lastBusyUs: number;
  /** When ResumeProgram or SuspendProgram was called. */
  resumeUs: number;
  suspendUs: number;
  /** Since when nobody uses it; 0 while used. */
  idleUs: number;
  /** Its slurmd is gone since; noticed after SlurmdTimeout. */
  lostUs: number;
}

export function newNode(name: string, isCloud: boolean, atUs: number): Node {
  return {
    name,
    isDown: false,
    flags: isCloud ? ['CLOUD', 'POWERED_DOWN'] : [],
    address: name,
    hostname: name,
    reason: undefined,
    wasSeen: !isCloud,
    bootUs: isCloud ? 0 : atUs,
    lastBusyUs: isCloud ? 0 : atUs,
    resumeUs: 0,
    suspendUs: 0,
    idleUs: isCloud ? 0 : atUs,
    lostUs: 0,
  };
}

export function has(node: Node, flag: NodeFlag): boolean {
  return node.flags.includes(flag);
}

export function withFlag(node: Node, flag: NodeFlag): void {
  if (!has(node, flag)) {
    node.flags = [...node.flags, flag];
  }
}

export function withoutFlags(node: Node, ...flags: readonly NodeFlag[]): void {
  node.flags = node.flags.filter((flag) => !flags.includes(flag));
}

/** IDLE, MIXED, ALLOCATED or DOWN, from what jobs use of it. */
export function baseState(node: Node, usedCpus: number, cpus: number): string {
  if (node.isDown) {
    return 'DOWN';
  }
  if (usedCpus === 0) {
    return 'IDLE';
  }
  return usedCpus >= cpus ? 'ALLOCATED' : 'MIXED';
}

/** `IDLE+CLOUD+POWERED_DOWN`, as scontrol prints it. */
export function longState(node: Node, base: string): string {
  return [base, ...FLAGS.filter((flag) => has(node, flag))].join('+');
}

const SHORT: Readonly<Record<string, string>> = {
  IDLE: 'idle',
  MIXED: 'mix',
  ALLOCATED: 'alloc',
  DOWN: 'down',
  DRAINED: 'drain',
  DRAINING: 'drng',
  FAIL: 'fail',
  FAILING: 'failg',
};

const MARKS: readonly (readonly [NodeFlag, string])[] = [
  ['POWERING_UP', '#'],
  ['POWERING_DOWN', '%'],
  ['POWERED_DOWN', '~'],
  ['POWER_DOWN', '!'],
  ['NOT_RESPONDING', '*'],
];

/** `idle~` or `allocated#`, as sinfo prints it (%t and %T). */
export function sinfoState(node: Node, base: string, isShort: boolean): string {
  const word = wordOf(node, base);
  const mark = MARKS.find(([flag]) => has(node, flag))?.[1] ?? '';
  return (isShort ? (SHORT[word] ?? word.toLowerCase()) : word.toLowerCase()) + mark;
}

function wordOf(node: Node, base: string): string {
  const isUsed = base === 'ALLOCATED' || base === 'MIXED';
  if (has(node, 'DRAIN')) {
    return isUsed ? 'DRAINING' : 'DRAINED';
  }
  if (has(node, 'FAIL')) {
    return isUsed ? 'FAILING' : 'FAIL';
  }
  return base;
}
