import { describe, expect, it } from 'vitest';
import { instanceKind, nodeKind } from '../../src/core/burst/reconcile-facts.ts';
import {
  actsOf,
  INSTANCE_KINDS,
  type InstanceKind,
  NODE_KINDS,
  type NodeKind,
  RECONCILE_TABLE,
  type Timing,
} from '../../src/core/burst/reconcile-table.ts';
import type { InstanceRow } from '../../src/core/ledger/rows.ts';
import { ZERO_RATE } from '../../src/core/money/rate.ts';

const YOUNG: Timing = {
  intentAgeS: 0,
  staleAfterS: 121,
  instanceAgeS: 0,
  orphanGraceS: 300,
  heldForS: undefined,
  isOurDrain: false,
  killsOrphans: false,
};
const OLD: Timing = {
  ...YOUNG,
  intentAgeS: 1000,
  instanceAgeS: 1000,
  heldForS: 1000,
  isOurDrain: true,
  killsOrphans: true,
};

const T = 'terminate';
const P = 'power down';
const C = 'close';
const R = 'reset';
const A = 'alert';

/**
 * burst.md 9.2, cell by cell: [what is done at once, what is done when the cell's time has come]. Two
 * runs are asked for where the table acts on absence alone; instances that no intent of this ledger
 * launched are reported, and terminated only when told to (F53, R17).
 */
const EXPECTED: Readonly<
  Record<NodeKind, Readonly<Record<InstanceKind, readonly [readonly string[], readonly string[]]>>>
> = {
  off: {
    nothing: [[], []],
    planned: [[], [C]],
    young: [[], [T, C]],
    silent: [
      [T, C],
      [T, C],
    ],
    registered: [
      [T, C],
      [T, C],
    ],
    ended: [
      [C, R],
      [C, R],
    ],
    stopped: [
      [T, C, A],
      [T, C, A],
    ],
    stray: [[A], [T, A]],
  },
  'coming for a job': {
    nothing: [[], [P]],
    planned: [[], ['abort']],
    young: [[], []],
    silent: [
      ['abort', 'boot failure'],
      ['abort', 'boot failure'],
    ],
    registered: [[], []],
    ended: [['abort'], ['abort']],
    stopped: [['abort'], ['abort']],
    stray: [[A], [T, A]],
  },
  coming: {
    nothing: [[], [P]],
    planned: [[], [C, P]],
    young: [[], []],
    silent: [
      [T, P, C],
      [T, P, C],
    ],
    registered: [[], []],
    ended: [
      [P, C, R],
      [P, C, R],
    ],
    stopped: [
      [T, P, C],
      [T, P, C],
    ],
    stray: [[A], [T, A]],
  },
  'up, idle': {
    nothing: [[], [P, A]],
    planned: [[], [P, C, A]],
    young: [[], []],
    silent: [
      [P, T, C],
      [P, T, C],
    ],
    registered: [[], []],
    ended: [
      [P, C, R],
      [P, C, R],
    ],
    stopped: [
      [P, T, C],
      [P, T, C],
    ],
    stray: [[A], [T, A]],
  },
  'up, job running': {
    nothing: [[A], [P, A]],
    planned: [[A], [P, A]],
    young: [[], []],
    silent: [[], []],
    registered: [[], []],
    ended: [
      [P, C, R],
      [P, C, R],
    ],
    stopped: [
      [P, T, C],
      [P, T, C],
    ],
    stray: [[A], [T, A]],
  },
  going: {
    nothing: [[R], [R]],
    planned: [[], [C]],
    young: [
      [T, C],
      [T, C],
    ],
    silent: [
      [T, C],
      [T, C],
    ],
    registered: [
      [T, C],
      [T, C],
    ],
    ended: [
      [C, R],
      [C, R],
    ],
    stopped: [
      [T, C],
      [T, C],
    ],
    stray: [[A], [T, A]],
  },
  down: {
    nothing: [
      [P, R],
      [P, R],
    ],
    planned: [[], [C, P, R]],
    young: [[], []],
    silent: [
      ['abort', 'boot failure'],
      ['abort', 'boot failure'],
    ],
    registered: [[], [T, P, C]],
    ended: [
      [P, C, R],
      [P, C, R],
    ],
    stopped: [
      [T, P, C],
      [T, P, C],
    ],
    stray: [[A], [T, A]],
  },
  drained: {
    nothing: [[], [P]],
    planned: [[], [C]],
    young: [[], []],
    silent: [
      [T, P, C],
      [T, P, C],
    ],
    registered: [[], [T, P, C]],
    ended: [
      [P, C, R],
      [P, C, R],
    ],
    stopped: [
      [T, P, C],
      [T, P, C],
    ],
    stray: [[A], [A]],
  },
  'completing long': {
    nothing: [
      [A, P],
      [A, P],
    ],
    planned: [
      [A, P],
      [A, P],
    ],
    young: [
      [A, P],
      [A, P],
    ],
    silent: [
      [A, P],
      [A, P],
    ],
    registered: [[A], [P, A]],
    ended: [
      [P, C, R],
      [P, C, R],
    ],
    stopped: [
      [P, T, C],
      [P, T, C],
    ],
    stray: [[A], [A]],
  },
  invalid: {
    nothing: [
      [P, A],
      [P, A],
    ],
    planned: [[], [P, C]],
    young: [
      [T, P, C, 'unfit'],
      [T, P, C, 'unfit'],
    ],
    silent: [
      [T, P, C, 'unfit'],
      [T, P, C, 'unfit'],
    ],
    registered: [
      [T, P, C, 'unfit'],
      [T, P, C, 'unfit'],
    ],
    ended: [
      [P, C, R],
      [P, C, R],
    ],
    stopped: [
      [T, P, C],
      [T, P, C],
    ],
    stray: [[A], [T, A]],
  },
  'not in slurm.conf': {
    nothing: [[], []],
    planned: [[], [C, A]],
    young: [[], [T, A]],
    silent: [
      [T, A],
      [T, A],
    ],
    registered: [
      [T, A],
      [T, A],
    ],
    ended: [[C], [C]],
    stopped: [
      [T, A],
      [T, A],
    ],
    stray: [[A], [T, A]],
  },
  special: {
    nothing: [[], []],
    planned: [[], []],
    young: [[], []],
    silent: [[], []],
    registered: [[], []],
    ended: [[A], [A]],
    stopped: [[A], [A]],
    stray: [[A], [A]],
  },
};

describe('9.2: every pair has a written action', () => {
  const cells = NODE_KINDS.flatMap((node) =>
    INSTANCE_KINDS.map((instance) => ({ node, instance })),
  );
  it.each(cells)('$node × $instance', ({ node, instance }) => {
    const [atOnce, later] = EXPECTED[node][instance];
    expect(actsOf(node, instance, YOUNG)).toEqual(atOnce);
    expect(actsOf(node, instance, OLD)).toEqual(later);
  });

  it('9.2: nothing is done to a node under maintenance, and no drain of an administrator is ended', () => {
    for (const instance of INSTANCE_KINDS) {
      expect(RECONCILE_TABLE.special[instance].acts).not.toContain('terminate');
    }
    expect(actsOf('drained', 'registered', { ...OLD, isOurDrain: false })).toEqual([]);
    expect(actsOf('drained', 'nothing', { ...OLD, isOurDrain: false })).toEqual([]);
  });
});

describe('7.3: the row of a node', () => {
  const none = { hasJob: false, completesLong: false };
  const job = { hasJob: true, completesLong: false };
  it.each([
    ['IDLE', ['CLOUD', 'POWERED_DOWN'], none, 'off'],
    ['IDLE', ['CLOUD', 'POWERED_DOWN', 'POWER_DOWN'], none, 'off'],
    ['IDLE', ['CLOUD', 'POWERED_DOWN', 'NOT_RESPONDING'], none, 'off'],
    ['ALLOCATED', ['CLOUD', 'POWERED_DOWN'], job, 'off'],
    ['ALLOCATED', ['CLOUD', 'NOT_RESPONDING', 'POWERING_UP'], job, 'coming for a job'],
    ['IDLE', ['CLOUD', 'POWERING_UP'], none, 'coming'],
    ['IDLE', ['CLOUD'], none, 'up, idle'],
    ['MIXED', ['CLOUD'], job, 'up, job running'],
    ['COMPLETING', ['CLOUD'], none, 'up, job running'],
    ['COMPLETING', ['CLOUD'], { hasJob: false, completesLong: true }, 'completing long'],
    ['IDLE', ['CLOUD', 'POWERING_DOWN'], none, 'going'],
    ['IDLE', ['CLOUD', 'POWER_DOWN'], none, 'going'],
    ['DOWN', ['CLOUD', 'NOT_RESPONDING'], none, 'down'],
    ['DOWN', ['CLOUD', 'NOT_RESPONDING', 'POWERED_DOWN'], none, 'down'],
    ['ALLOCATED', ['CLOUD', 'NOT_RESPONDING'], job, 'down'],
    ['IDLE', ['CLOUD', 'DRAIN'], none, 'drained'],
    ['MIXED', ['CLOUD', 'DRAIN'], job, 'up, job running'],
    ['IDLE', ['CLOUD', 'INVALID_REG', 'DRAIN'], none, 'invalid'],
    ['IDLE', ['CLOUD', 'MAINTENANCE'], none, 'special'],
    ['IDLE', ['CLOUD', 'REBOOT_ISSUED'], none, 'special'],
    ['RESERVED', ['CLOUD'], none, 'special'],
  ] as const)('%s %j', (state, flags, facts, kind) => {
    expect(nodeKind({ name: 'n', state, flags, reason: '' }, facts)).toBe(kind);
  });

  it('a node that slurm.conf does not have', () => {
    expect(nodeKind(undefined, none)).toBe('not in slurm.conf');
  });
});

describe('9.2: the column of a node', () => {
  const row: InstanceRow = {
    instanceId: 'i-1',
    intentId: 1,
    node: 'n',
    launchS: 0,
    state: 'bound',
    instanceType: 'c5.xlarge',
    zone: 'a',
    lifecycle: 'on-demand',
    address: '',
    rate: ZERO_RATE,
    endCause: '',
  };
  const base = { ageS: 10, bootTimeoutS: 240, hasStray: false, hasRegistered: false };
  it.each([
    [{ ...base }, 'nothing'],
    [{ ...base, hasStray: true }, 'stray'],
    [{ ...base, row, state: 'pending' }, 'young'],
    [{ ...base, row, state: 'running' }, 'young'],
    [{ ...base, ageS: 300, row, state: 'running' }, 'silent'],
    // No earlier run has noted it: it answers all the same.
    [{ ...base, ageS: 300, row, state: 'running', hasRegistered: true }, 'registered'],
    [{ ...base, ageS: 300, row: { ...row, state: 'ready' }, state: 'running' }, 'registered'],
    [{ ...base, row, state: 'shutting-down' }, 'ended'],
    [{ ...base, row, state: 'terminated' }, 'ended'],
    [{ ...base, row, state: 'stopping' }, 'stopped'],
    [{ ...base, row, state: 'stopped' }, 'stopped'],
    // Not in the listing: nothing is known, its second miss makes it lost (9.2).
    [{ ...base, row, state: undefined }, 'nothing'],
  ] as const)('pair %#', (launch, kind) => {
    expect(instanceKind(launch)).toBe(kind);
  });
});
