import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Complaint } from './complaint.ts';
import { readSlurmConf, type SlurmConf } from './conf/slurm-conf.ts';
import type { World } from './model/world.ts';
import { Store } from './store/store.ts';
import { loadWorld, saveWorld } from './store/world-store.ts';
import type { Surroundings } from './surroundings.ts';

/** An emulated cluster, open: its slurm.conf, its state, and who is asking. */
export interface Cluster {
  readonly conf: SlurmConf;
  readonly store: Store;
  readonly stateDirectory: string;
  readonly surroundings: Surroundings;
  /** Who submits or asks; SlurmUser is the operator, allowed everything. */
  readonly user: string;
  readonly isOperator: boolean;
}

const MICROSECONDS = /^[0-9]{1,16}\n?$/;

export function openCluster(surroundings: Surroundings): Cluster {
  const path = surroundings.env['SLURM_CONF'] ?? '';
  const conf = readSlurmConf(path);
  if (conf === undefined) {
    throw new Complaint('asbb: not an emulated cluster');
  }
  const stateDirectory = join(dirname(path), '../state');
  const user = surroundings.env['ASBB_EMULATE_USER'] ?? conf.slurmUser;
  return {
    conf,
    store: new Store(stateDirectory),
    stateDirectory,
    surroundings,
    user,
    isOperator: user === conf.slurmUser,
  };
}

/** Microseconds since 1970: the clock file that the fake cloud writes is the only clock. */
export function clockOf(conf: SlurmConf): number {
  if (conf.clockFile === undefined) {
    throw new Complaint(`${conf.path} has no line "# asbb-clock PATH"`);
  }
  const text = readFileSync(conf.clockFile, 'utf8');
  if (!MICROSECONDS.test(text)) {
    throw new Complaint(`${conf.clockFile} holds no microseconds: ${text.slice(0, 40)}`);
  }
  return Number(text);
}

/** A command's change: effective in the database at once, its programs start in the next tick. */
export function change<T>(cluster: Cluster, work: (world: World, nowUs: number) => T): T {
  return changeLoaded(cluster, true, work);
}

/** The same for a submission, which needs none of the jobs that are there. */
export function add<T>(cluster: Cluster, work: (world: World, nowUs: number) => T): T {
  return changeLoaded(cluster, false, work);
}

function changeLoaded<T>(
  cluster: Cluster,
  hasJobs: boolean,
  work: (world: World, nowUs: number) => T,
): T {
  const { conf, store } = cluster;
  const nowUs = clockOf(conf);
  return store.exclusively(() => {
    if (store.meta('at_us') === 0) {
      store.setMeta('at_us', nowUs); // the first change: the next tick plays on from here
    }
    const world = loadWorld(store, conf, nowUs, hasJobs);
    world.atUs = nowUs;
    const result = work(world, nowUs);
    saveWorld(store, world, nowUs);
    return result;
  });
}

/** A command's look at the cluster. */
export function look<T>(cluster: Cluster, work: (world: World, nowUs: number) => T): T {
  const nowUs = clockOf(cluster.conf);
  return cluster.store.consistently(() =>
    work(loadWorld(cluster.store, cluster.conf, nowUs), nowUs),
  );
}
