import type { SlurmConf } from '../conf/slurm-conf.ts';
import { isOver, type Job } from '../model/job.ts';
import { type Node, newNode } from '../model/node.ts';
import { type DueProgram, type NodeEvent, occupy, type World } from '../model/world.ts';
import { SECOND } from '../times.ts';
import type { Store } from './store.ts';

const FIRST_PRIORITY = 4_294_901_759; // what slurmctld gives the first job under priority/basic

interface DocRow {
  readonly doc: string;
}

/** Everything slurmctld knows, in memory; without its jobs where only new ones come. Call it inside a transaction. */
export function loadWorld(store: Store, conf: SlurmConf, nowUs: number, hasJobs = true): World {
  const atUs = store.meta('at_us', nowUs);
  const world: World = {
    conf,
    settings: store.settings(),
    atUs,
    nodes: loadNodes(store, conf, atUs),
    jobs: new Map((hasJobs ? loadJobs(store) : []).map((job) => [job.id, job])),
    partitionStates: new Map(
      store
        .rows<{ name: string; state: string }>('SELECT name, state FROM partition_state')
        .map(({ name, state }) => [name, state]),
    ),
    usage: new Map(),
    events: [
      ...store.rows<NodeEvent>(
        'SELECT id, at_us AS atUs, kind, node FROM event ORDER BY at_us, id',
      ),
    ],
    due: [...loadDue(store)],
    counters: {
      jobId: store.meta('job_id', conf.firstJobId),
      priority: store.meta('priority', FIRST_PRIORITY),
      runId: store.meta('run_id', 1),
      dueId: store.meta('due_id', 1),
    },
    changedNodes: new Set(),
    changedJobs: new Set(),
    told: new Map(),
    happenings: [],
    mayStart: true,
  };
  for (const job of world.jobs.values()) {
    if (job.state === 'RUNNING') {
      occupy(world, job);
    }
  }
  return world;
}

/** Writes back what changed, and tells slurmdbd, which sees it `dbd_lag` later. */
export function saveWorld(store: Store, world: World, toldUs: number): void {
  for (const node of world.changedNodes) {
    store.run(
      'INSERT INTO node VALUES (?, ?) ON CONFLICT DO UPDATE SET doc = excluded.doc',
      node.name,
      JSON.stringify(node),
    );
  }
  for (const job of world.changedJobs) {
    store.run(
      'INSERT INTO job VALUES (?, ?) ON CONFLICT DO UPDATE SET doc = excluded.doc',
      job.id,
      JSON.stringify(job),
    );
  }
  for (const [runId, run] of world.told) {
    store.tell(runId, toldUs + world.settings.dbd_lag * SECOND, run);
  }
  saveQueues(store, world);
  for (const [name, state] of world.partitionStates) {
    store.run(
      'INSERT INTO partition_state VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state',
      name,
      state,
    );
  }
  store.setMeta('job_id', world.counters.jobId);
  store.setMeta('priority', world.counters.priority);
  store.setMeta('run_id', world.counters.runId);
  store.setMeta('due_id', world.counters.dueId);
  world.changedNodes.clear();
  world.changedJobs.clear();
  world.told.clear();
}

function saveQueues(store: Store, world: World): void {
  const ids = JSON.stringify(world.events.map((event) => event.id));
  store.run('DELETE FROM event WHERE id NOT IN (SELECT value FROM json_each(?))', ids);
  store.run('DELETE FROM due');
  for (const { id, kind, dueUs, ...doc } of world.due) {
    store.run('INSERT INTO due VALUES (?, ?, ?, ?)', id, dueUs, kind, JSON.stringify(doc));
  }
}

/** Jobs that ended MinJobAge ago are forgotten, as slurmctld does; slurmdbd keeps their runs. */
export function forgetOldJobs(store: Store, world: World): void {
  for (const job of world.jobs.values()) {
    if (isForgotten(world, job, world.atUs)) {
      world.jobs.delete(job.id);
      world.changedJobs.delete(job);
      store.run('DELETE FROM job WHERE id = ?', job.id);
      store.run('DELETE FROM script WHERE job_id = ?', job.id);
    }
  }
}

export function isForgotten(world: World, job: Job, nowUs: number): boolean {
  return isOver(job) && !job.isCompleting && job.endUs + world.conf.minJobAge * SECOND <= nowUs;
}

function loadNodes(store: Store, conf: SlurmConf, atUs: number): ReadonlyMap<string, Node> {
  const stored = new Map(
    store
      .rows<DocRow & { name: string }>('SELECT name, doc FROM node')
      .map(({ name, doc }) => [name, JSON.parse(doc) as Node]), // written by saveWorld
  );
  return new Map(
    [...conf.nodes.values()].map((node) => [
      node.name,
      stored.get(node.name) ?? {
        ...newNode(node.name, node.isCloud, atUs),
        address: node.address,
        hostname: node.hostname,
      },
    ]),
  );
}

function loadJobs(store: Store): readonly Job[] {
  return store
    .rows<DocRow>('SELECT doc FROM job ORDER BY id')
    .map(({ doc }) => JSON.parse(doc) as Job); // written by saveWorld
}

function loadDue(store: Store): readonly DueProgram[] {
  return store
    .rows<DocRow & { id: number; kind: DueProgram['kind']; dueUs: number }>(
      'SELECT id, due_us AS dueUs, kind, doc FROM due ORDER BY id',
    )
    .map(({ id, kind, dueUs, doc }) => ({
      ...(JSON.parse(doc) as Omit<DueProgram, 'id' | 'kind' | 'dueUs'>), // written by saveQueues
      id,
      kind,
      dueUs,
    }));
}
