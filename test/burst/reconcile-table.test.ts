import { describe, expect, it } from 'vitest';
import { instanceKind, nodeKind } from '../../src/core/burst/reconcile-facts.ts';
import {
  type Act,
  actsOf,
  type Cell,
  INSTANCE_KINDS,
  type InstanceKind,
  NODE_KINDS,
  type NodeKind,
  RECONCILE_TABLE,
  type Timing,
} from '../../src/core/burst/reconcile-table.ts';
import type { InstanceRow } from '../../src/core/ledger/rows.ts';
import { ZERO_RATE } from '../../src/core/money/rate.ts';

/** burst.md 9.2 as it stands there, row by row; T P C R A as it explains them. */
const SPEC = `
idle~ | – | look up by intent tag; > 120 s: C | > orphan_grace: T C | T C | T C | C R | T C A | > orphan_grace: T A
powering up (#), job waiting | > 120 s: P (resume hook died) | look up; resume the flow from its step, > 120 s: abort §9.5 | – | abort §9.5, count boot failure | – (SLURM will notice) | abort §9.5 | abort, T | adopt if tags name this node and job, else T
powering up, no job | P | C P | – | T P C | – | P C R | T P C | T
up, idle | P A (address points nowhere) | P C A | – | P T C | – | P C R | P T C | adopt, A
up, job running | A; 2 runs in a row: P | as left | – | – | – | P C R (instance lost) | P T C | adopt, A
powering down (%) | R | C | T C | T C | T C | C R | T C | T
down / not responding | P R | C P R | wait to boot_timeout | T P C, boot failure | 2 runs: T P C | P C R | T P C | T P
drain(ed), no job | leave if an admin's reason; ours: P | C | – | T P C | admin's reason: –; ours: T P C | P C R | T P C | A
completing > 10 min | A P | A P | A P | A P | A, then P | P C R | P T C | A
INVALID_REG | P A | P C | T P C, mark type bad for group | same | same | P C R | T P C | T
node not in slurm.conf | – | C A | > grace: T A | T A | T A | C | T A | > grace: T A
maintenance, reservation, REBOOT_* | – | – | – | – | – | A | A | A
`;
const SPEC_ROWS = SPEC.trim()
  .split('\n')
  .map((line) => line.split(' | ').map((text) => text.trim()));
const COLUMNS = INSTANCE_KINDS.filter((kind) => kind !== 'vanished');

const LETTERS: Readonly<Record<string, Act>> = {
  T: 'terminate',
  P: 'power down',
  C: 'close',
  R: 'reset',
  A: 'alert',
};

/** Cells whose words say more than letters. */
const WORDS: Readonly<Record<string, Cell>> = {
  'look up by intent tag; > 120 s: C': cell('stale', 'close'),
  '> 120 s: P (resume hook died)': cell('held 120 s', 'power down'),
  'look up; resume the flow from its step, > 120 s: abort §9.5': cell('stale', 'abort'),
  'abort §9.5, count boot failure': cell('at once', 'abort', 'boot failure'),
  'abort §9.5': cell('at once', 'abort'),
  'abort, T': cell('at once', 'abort', 'terminate'),
  'adopt if tags name this node and job, else T': cell('at once', 'adopt', 'terminate'),
  'adopt, A': cell('at once', 'adopt', 'alert'),
  'A; 2 runs in a row: P': { ...cell('second run', 'power down', 'alert'), first: ['alert'] },
  'A, then P': { ...cell('second run', 'power down', 'alert'), first: ['alert'] },
  'wait to boot_timeout': cell('at once'),
  'T P C, boot failure': cell('at once', 'terminate', 'power down', 'close', 'boot failure'),
  '2 runs: T P C': cell('second run', 'terminate', 'power down', 'close'),
  "leave if an admin's reason; ours: P": cell('our drain', 'power down'),
  "admin's reason: –; ours: T P C": cell('our drain', 'terminate', 'power down', 'close'),
  'T P C, mark type bad for group': cell('at once', 'terminate', 'power down', 'close', 'unfit'),
};

function cell(due: Cell['due'], ...acts: readonly Act[]): Cell {
  return { due, acts, first: [] };
}

const BY_LETTER = /^(?:> (orphan_grace|grace): )?([TPCRA](?: [TPCRA])*|–)(?: \(.*\))?$/;

/** The cell that the words of the specification ask for. */
function specified(at: number, column: number): Cell {
  const row = SPEC_ROWS[at] ?? [];
  const text = row[column] ?? '';
  const left = { same: row[column - 1], 'as left': row[column - 1] }[text];
  if (left !== undefined) {
    return specified(at, column - 1);
  }
  const [, grace, letters = ''] = BY_LETTER.exec(text) ?? [];
  const known = WORDS[text];
  if (known !== undefined) {
    return known;
  }
  if (letters === '') {
    throw new Error(`nobody reads: ${text}`);
  }
  const acts = letters === '–' ? [] : letters.split(' ').flatMap((letter) => LETTERS[letter] ?? []);
  return cell(grace === undefined ? 'at once' : 'past grace', ...acts);
}

/**
 * Where the code waits although the table has no word of it: a launch call may be under way, and its hook
 * alive, in every row (9.2 says so in the first two; F45).
 */
function withReading(wanted: Cell, node: NodeKind, instance: InstanceKind): Cell {
  const isCall = instance === 'planned' && wanted.acts.length > 0 && wanted.due === 'at once';
  return isCall && node !== 'completing long' ? { ...wanted, due: 'stale' } : wanted;
}

function sorted({ due, acts, first }: Cell) {
  return { due, acts: acts.toSorted(), first };
}

describe('9.2: every cell of the table is the specification’s', () => {
  const cells = NODE_KINDS.flatMap((node, at) =>
    COLUMNS.map((instance, column) => ({ node, instance, at, column: column + 1 })),
  );
  it('has its twelve rows and eight columns', () => {
    expect(SPEC_ROWS.map((row) => row.length)).toEqual(NODE_KINDS.map(() => COLUMNS.length + 1));
  });

  it.each(cells)('$node × $instance', ({ node, instance, at, column }) => {
    const wanted = withReading(specified(at, column), node, instance);
    expect(sorted(RECONCILE_TABLE[node][instance])).toEqual(sorted(wanted));
  });

  it.each(NODE_KINDS)('%s: vanished from listings: in the second run as ended', (node) => {
    const { vanished, ended } = RECONCILE_TABLE[node];
    expect(vanished).toEqual({ acts: ended.acts, due: 'second run', first: [] });
  });
});

const NEW: Timing = {
  intentAgeS: 0,
  staleAfterS: 121,
  instanceAgeS: 0,
  orphanGraceS: 300,
  heldForS: undefined,
  isOurDrain: false,
  stray: { ageS: 1000, isNodes: false, isRestored: false, kills: false },
};

describe('9.2: when a cell is due', () => {
  it.each([
    ['off', 'planned', { intentAgeS: 121 }, []],
    ['off', 'planned', { intentAgeS: 122 }, ['close']],
    ['off', 'young', { instanceAgeS: 300 }, []],
    ['off', 'young', { instanceAgeS: 301 }, ['terminate', 'close']],
    ['coming for a job', 'nothing', { heldForS: 119 }, []],
    ['coming for a job', 'nothing', { heldForS: 120 }, ['power down']],
    ['up, job running', 'nothing', {}, ['alert']],
    ['up, job running', 'nothing', { heldForS: 49 }, ['alert']],
    ['up, job running', 'nothing', { heldForS: 50 }, ['power down', 'alert']],
    ['down', 'registered', { heldForS: 49 }, []],
    ['down', 'registered', { heldForS: 50 }, ['terminate', 'power down', 'close']],
    ['drained', 'registered', { isOurDrain: false }, []],
    ['drained', 'registered', { isOurDrain: true }, ['terminate', 'power down', 'close']],
  ] as const)('%s × %s with %j: %j', (node, instance, timing, acts) => {
    expect(actsOf(node, instance, { ...NEW, ...timing })).toEqual(acts);
  });
});

describe('F46, F53, R17: an instance whose intent this ledger does not have', () => {
  const its = { ...NEW.stray, isNodes: true };
  it.each([
    ['told of, never terminated', 'off', {}, ['alert']],
    ['terminated when told to', 'off', { kills: true }, ['terminate', 'alert']],
    ['but not within the grace', 'off', { kills: true, ageS: 300 }, ['alert']],
    ['adopted where SLURM reaches it as this node', 'up, idle', its, ['adopt', 'alert']],
    ['adopted under a job', 'up, job running', its, ['adopt', 'alert']],
    ['adopted for the job that waits', 'coming for a job', its, ['adopt', 'alert']],
    ['not adopted for another', 'coming for a job', {}, ['alert']],
    ['a node that is down goes, the instance stays', 'down', {}, ['power down', 'alert']],
    [
      '--after-restore: adopted in any row',
      'off',
      { ...its, isRestored: true },
      ['adopt', 'alert'],
    ],
    ['--after-restore: never terminated', 'going', { isRestored: true, kills: true }, ['alert']],
  ] as const)('%s', (_what, node, stray, acts) => {
    expect(actsOf(node, 'stray', { ...NEW, stray: { ...NEW.stray, ...stray } })).toEqual(acts);
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
    ['COMPLETING', ['CLOUD', 'POWER_DOWN'], none, 'going'],
    ['MIXED', ['CLOUD', 'POWER_DOWN'], none, 'up, idle'],
    ['ALLOCATED', ['CLOUD', 'POWER_DOWN'], job, 'up, job running'],
    ['COMPLETING', ['CLOUD', 'POWER_DOWN'], job, 'up, job running'],
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
    // Not in the listing: its second miss makes it lost (9.2).
    [{ ...base, row, state: undefined }, 'vanished'],
  ] as const)('pair %#', (launch, kind) => {
    expect(instanceKind(launch)).toBe(kind);
  });
});
