import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Act,
  type Due,
  INSTANCE_KINDS,
  type InstanceKind,
  NODE_KINDS,
  type NodeKind,
  RECONCILE_TABLE,
} from '../../src/core/burst/reconcile-table.ts';
import type { InstanceRow } from '../../src/core/ledger/rows.ts';
import { compressNodelist, expandNodelist } from '../../src/core/slurm/nodelist.ts';
import { nodesReconcile, type ReconcileResult } from '../../src/flows/nodes-reconcile.ts';
import { writeReady } from '../../src/flows/steps/reconcile-rows.ts';
import { dyingAt } from './support/dying.ts';
import { type ListedNode, ListedSlurm } from './support/listed-slurm.ts';
import { callResume, type Site, SUBNET_A, startSite } from './support/site.ts';

// burst.md 9.2 as it happens: a node for every cell of the table, its instance made by the real resume
// on the fake EC2 and brought into the column's state there, its line as SLURM 22.05 prints it, the
// ledger a file. One run while nothing has held yet, one when everything has.

const ADMIN = 'drained by an administrator';
const ROWS = [...NODE_KINDS, ADMIN] as const;
type RowName = (typeof ROWS)[number];

const STATES: Readonly<Record<RowName, string>> = {
  off: 'IDLE+CLOUD+POWERED_DOWN',
  'coming for a job': 'ALLOCATED+CLOUD+NOT_RESPONDING+POWERING_UP',
  coming: 'IDLE+CLOUD+NOT_RESPONDING+POWERING_UP',
  'up, idle': 'IDLE+CLOUD',
  'up, job running': 'ALLOCATED+CLOUD',
  going: 'IDLE+CLOUD+POWERING_DOWN',
  down: 'DOWN+CLOUD+NOT_RESPONDING',
  drained: 'IDLE+CLOUD+DRAIN',
  'completing long': 'COMPLETING+CLOUD',
  invalid: 'IDLE+CLOUD+DRAIN+INVALID_REG',
  'not in slurm.conf': '',
  special: 'IDLE+CLOUD+MAINTENANCE',
  [ADMIN]: 'IDLE+CLOUD+DRAIN',
};
const REASONS: Partial<Record<RowName, string>> = {
  drained: 'asbb: ec2 health',
  [ADMIN]: 'asbb is not mine: memory errors',
};
const JOB_STATES: Partial<Record<RowName, string>> = {
  'coming for a job': 'CONFIGURING',
  'up, job running': 'RUNNING',
};
/** SLURM's own word that slurmd has registered: there is no instance that "never registered" here. */
const SHOWN_UP: readonly RowName[] = [
  'up, idle',
  'up, job running',
  'drained',
  ADMIN,
  'completing long',
  'special',
];

function nodeOf(row: RowName, column: InstanceKind): string {
  // boot_timeout 40 s, or none worth the name.
  const group = column === 'young' ? 'slow' : 'cpu';
  const index = ROWS.indexOf(row) * 10 + INSTANCE_KINDS.indexOf(column) + 1;
  return `aws-${group}-${String(index).padStart(3, '0')}`;
}

function jobIdOf(node: string): number {
  return 1000 + Number(node.slice(-3));
}

function kindOf(row: RowName): NodeKind {
  return row === ADMIN ? 'drained' : row;
}

interface Met {
  readonly acts: readonly Act[];
  readonly kind: NodeKind | undefined;
  readonly column: InstanceKind | undefined;
  /** What really happened: P and R at SLURM, T at EC2, C in the ledger, A in the log. */
  readonly effects: string;
}

interface Scene {
  readonly site: Site;
  readonly listed: ListedSlurm;
  readonly errors: string[];
  readonly run: () => Promise<ReconcileResult>;
}

let fresh: ReadonlyMap<string, Met>;
let later: ReadonlyMap<string, Met>;
const atEnd: (() => Promise<void>)[] = [];

async function scene(): Promise<Scene> {
  const site = await startSite({ seed: 3, atEnd: (act) => atEnd.unshift(act) });
  const listed = new ListedSlurm();
  const errors: string[] = [];
  const ports = {
    ...site.ports,
    slurm: listed.slurm,
    locks: { take: () => ({ release: () => undefined }) },
    log: {
      write: (level: string, event: string, fields: object) => {
        if (level === 'error' && event === 'node_reconciled' && 'node' in fields) {
          errors.push(String(fields.node));
        }
      },
    },
  };
  return { site, listed, errors, run: () => nodesReconcile({}, ports) };
}

/** One resume call for the nodes of a whole column, each of a job of its own. */
async function launched(site: Site, column: InstanceKind): Promise<readonly string[]> {
  const nodes = ROWS.map((row) => nodeOf(row, column));
  const jobs = await Promise.all(
    nodes.map((node) => site.submit({ jobId: jobIdOf(node), amount: '10' })),
  );
  for (const [at, job] of jobs.entries()) {
    site.slurm.allocate(job.jobId, [nodes[at] ?? '']);
  }
  const ports = { planned: 'launch', vanished: 'instances' } as const;
  if (column !== 'planned' && column !== 'vanished') {
    await site.resume(compressNodelist(nodes), jobs);
    return nodes;
  }
  const method = ports[column];
  await Promise.all(
    jobs.map(async (job, at) => {
      const dead = callResume(dyingAt(site.ports, method), nodes[at] ?? '', [job]);
      // A process that died, whatever it died of.
      await Promise.allSettled([dead]);
    }),
  );
  return nodes;
}

async function rowsOf(site: Site, nodes: readonly string[]): Promise<readonly InstanceRow[]> {
  return (await site.books.ledger.read({ fleet: { nodes } })).fleet.instances;
}

async function instanceOn(site: Site, node: string): Promise<string> {
  return (await rowsOf(site, [node])).at(-1)?.instanceId ?? '';
}

async function prepare({ site, listed, run }: Scene): Promise<void> {
  // Completing for more than ten minutes is known only to who looked before.
  const completing = INSTANCE_KINDS.map((column) => nodeOf('completing long', column));
  listed.nodes = completing.map((name) => ({ name, state: 'COMPLETING+CLOUD' }));
  await run();
  await site.forward(601);
  await launched(site, 'silent');
  const registered = await launched(site, 'registered');
  await writeReady(await rowsOf(site, registered), () => ['aws'], site.ports);
  const ended = await launched(site, 'ended');
  const stopped = await launched(site, 'stopped');
  await site.forward(60);
  await launched(site, 'young');
  await site.fake.addFaults({
    id: 'unseen',
    match: { action: 'CreateFleet' },
    do: { invisible_s: 100_000 },
  });
  await launched(site, 'vanished');
  await launched(site, 'planned');
  for (const node of ended) {
    await site.fake.external({ terminate: await instanceOn(site, node) });
  }
  for (const node of stopped) {
    await site.fake.external({ stop: await instanceOn(site, node) });
  }
  const strays = ROWS.map((row) => nodeOf(row, 'stray'));
  for (const node of strays) {
    const tags = {
      'asbb:cluster': 'hpc1',
      'asbb:intent': '4711',
      'asbb:job': `${jobIdOf(node)}`,
      SlurmNode: node,
    };
    await site.fake.external({ launch: { type: 'c5.xlarge', subnet: SUBNET_A, tags } });
  }
  await site.forward(45);
  await list({ site, listed });
}

/** SLURM's view of all nodes; addresses are those of their instances where they have one. */
async function list({ site, listed }: Pick<Scene, 'site' | 'listed'>): Promise<void> {
  const { instances } = await site.fake.state();
  const byNode = new Map(instances.map((each) => [each.tags['SlurmNode'] ?? '', each.ip]));
  const cells = ROWS.flatMap((row) => INSTANCE_KINDS.map((column) => ({ row, column })));
  listed.nodes = cells.flatMap(({ row, column }): ListedNode[] => {
    const name = nodeOf(row, column);
    const address = byNode.get(name) ?? '10.9.9.9';
    const reason = REASONS[row];
    const said = reason === undefined ? {} : { reason };
    return STATES[row] === '' ? [] : [{ name, state: STATES[row], address, ...said }];
  });
  listed.jobs = cells.flatMap(({ row, column }) => {
    const nodeList = nodeOf(row, column);
    const state = JOB_STATES[row];
    return state === undefined ? [] : [{ jobId: jobIdOf(nodeList), state, nodeList }];
  });
}

const ALIVE = new Set(['pending', 'running', 'stopping', 'stopped']);

async function aliveBy(site: Site): Promise<ReadonlyMap<string, string>> {
  const { instances } = await site.fake.state();
  return new Map(
    instances
      .filter(({ state }) => ALIVE.has(state))
      .map(({ id, tags }) => [id, tags['SlurmNode'] ?? '']),
  );
}

/** Nodes that the ledger has a call under way or a living instance for. */
async function openNodes(site: Site): Promise<ReadonlySet<string>> {
  const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
  const live = fleet.instances.filter(({ state }) => ['pending', 'bound', 'ready'].includes(state));
  const calls = fleet.intents.filter(
    ({ state, aborted }) => ['planned', 'sent', 'unknown'].includes(state) && !aborted,
  );
  return new Set([...live.map(({ node }) => node), ...calls.map(({ nodes }) => nodes)]);
}

function named(listed: ListedSlurm, what: RegExp): ReadonlySet<string> {
  const lists = listed.updates().flatMap((words) => what.exec(words)?.[1] ?? []);
  return new Set(
    lists.flatMap((text) => {
      const names = expandNodelist(text);
      return Array.isArray(names) ? (names as readonly string[]) : [];
    }),
  );
}

async function met({ site, listed, errors, run }: Scene): Promise<ReadonlyMap<string, Met>> {
  listed.calls.length = 0;
  errors.length = 0;
  const [alive, open] = [await aliveBy(site), await openNodes(site)];
  const result = await run();
  if (result.state !== 'done') {
    throw new Error(result.problems.join('; '));
  }
  const [aliveAfter, openAfter] = [await aliveBy(site), await openNodes(site)];
  const ended = [...alive].filter(([id]) => !aliveAfter.has(id)).map(([, node]) => node);
  const effects: Readonly<Record<string, (node: string) => boolean>> = {
    A: (node) => errors.includes(node),
    C: (node) => open.has(node) && !openAfter.has(node),
    P: (node) => named(listed, /nodename=(\S+) state=power_down_force/u).has(node),
    R: (node) => named(listed, /nodename=(\S+) nodeaddr=/u).has(node),
    T: (node) => ended.includes(node),
    '+': (node) => !open.has(node) && openAfter.has(node),
  };
  const verdicts = new Map(result.verdicts.map((verdict) => [verdict.node, verdict]));
  const nodes = ROWS.flatMap((row) => INSTANCE_KINDS.map((column) => nodeOf(row, column)));
  return new Map(
    nodes.map((node) => {
      const verdict = verdicts.get(node);
      const happened = Object.keys(effects).filter((letter) => effects[letter]?.(node) === true);
      return [
        node,
        {
          acts: verdict?.acts ?? [],
          kind: verdict?.kind,
          column: verdict?.instance,
          effects: happened.join(''),
        },
      ];
    }),
  );
}

beforeAll(async () => {
  const stage = await scene();
  await prepare(stage);
  fresh = await met(stage);
  await stage.site.forward(400);
  await list(stage);
  later = await met(stage);
});

afterAll(async () => {
  for (const act of atEnd) {
    await act();
  }
});

/** What SLURM calls up has registered. */
function shownColumn(row: RowName, column: InstanceKind): InstanceKind {
  const isBooting = column === 'young' || column === 'silent';
  return isBooting && SHOWN_UP.includes(row) ? 'registered' : column;
}

/** Three rows adopt what runs their node; no other instance of a foreign intent is touched (F53). */
function strayActs(row: RowName): readonly Act[] {
  if (['coming for a job', 'up, idle', 'up, job running'].includes(row)) {
    return ['adopt', 'alert'];
  }
  return row === 'down' ? ['power down', 'alert'] : ['alert'];
}

function wanted(row: RowName, column: InstanceKind, dues: readonly Due[]): readonly Act[] {
  const shown = shownColumn(row, column);
  if (shown === 'stray') {
    return strayActs(row);
  }
  const { acts, due, first } = RECONCILE_TABLE[kindOf(row)][shown];
  const isOurs = due === 'our drain' && row === 'drained';
  return dues.includes(due) || isOurs ? acts : first;
}

/** The letters that these acts leave behind, where there is something to end, close or reset. */
function lettersOf(acts: readonly Act[], column: InstanceKind): string {
  function has(...some: readonly Act[]): boolean {
    return acts.some((act) => some.includes(act));
  }
  const isGone = column === 'ended' || column === 'vanished';
  const isAlive = ['young', 'silent', 'registered', 'stopped'].includes(column);
  const ends = isAlive && has('terminate', 'abort');
  const closes = isGone || ends || (column === 'planned' && has('close', 'abort'));
  const letters: Readonly<Record<string, boolean>> = {
    A: has('alert', 'unfit'),
    C: closes,
    P: has('power down', 'abort'),
    // Not while SLURM powers it down: it must still reach the node, SuspendProgram resets it.
    R: has('reset') && !has('power down'),
    T: ends,
    '+': has('adopt'),
  };
  return Object.keys(letters)
    .filter((letter) => letters[letter] === true)
    .join('');
}

const CELLS = ROWS.flatMap((row) => INSTANCE_KINDS.map((column) => ({ row, column })));

describe('9.2: every cell, as it happens: the first run that meets it', () => {
  it.each(CELLS)('$row × $column', ({ row, column }) => {
    const seen = fresh.get(nodeOf(row, column));
    const acts = wanted(row, column, ['at once']);
    expect(seen?.acts).toEqual(acts);
    if (acts.length > 0) {
      expect(seen).toMatchObject({ kind: kindOf(row), column: shownColumn(row, column) });
    }
    // What EC2 shows as ended is so in the ledger whatever is due; a vanished one waits.
    const closed = column === 'vanished' ? '' : lettersOf(acts, column);
    expect(seen?.effects).toBe(closed);
  });
});

describe('9.2: every cell that waited, when its time has come', () => {
  const waiting = CELLS.filter(({ row, column }) => {
    const first = wanted(row, column, ['at once']);
    return column !== 'stray' && first.join() !== wanted(row, column, ALL).join();
  });
  it.each(waiting)('$row × $column', ({ row, column }) => {
    const seen = later.get(nodeOf(row, column));
    const acts = wanted(row, column, ALL);
    expect(seen).toMatchObject({ acts, kind: kindOf(row), column: shownColumn(row, column) });
    expect(seen?.effects).toBe(lettersOf(acts, column));
  });

  it('those that were adopted are nodes like others', () => {
    for (const row of ['up, idle', 'up, job running'] as const) {
      expect(later.get(nodeOf(row, 'stray'))?.acts).toEqual([]);
    }
  });

  it('R17: no other foreign instance has gone', () => {
    const foreign = ROWS.filter((row) => !strayActs(row).includes('adopt'));
    const gone = foreign.filter((row) => later.get(nodeOf(row, 'stray'))?.effects.includes('T'));
    expect(gone).toEqual([]);
  });
});

const ALL: readonly Due[] = ['at once', 'stale', 'past grace', 'second run', 'held 120 s'];
