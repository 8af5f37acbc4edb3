import { type Cluster, change, clockOf, openCluster } from '../cluster.ts';
import { Complaint } from '../complaint.ts';
import { type Print, tick } from '../engine/advance.ts';
import { changedNode } from '../engine/lifecycle.ts';
import { has, withFlag, withoutFlags } from '../model/node.ts';
import { owe } from '../model/world.ts';
import { checkSetting } from '../store/settings.ts';
import type { Surroundings } from '../surroundings.ts';
import { addFault } from './faults.ts';
import { init } from './init.ts';
import { run } from './run.ts';
import { stateJson } from './state.ts';

const USAGE = `usage: asbb emulate init DIR [--conf FILE] [--clock FILE]
       asbb emulate tick
       asbb emulate run (--for 10m | --until RFC3339 | --until-idle) --fake SOCKET [--maintain 60s]
       asbb emulate boot NODE | kill NODE | node-fail NODE
       asbb emulate fault add JSON
       asbb emulate set KEY VALUE
       asbb emulate restart
       asbb emulate state [--json]`;

/** The scenario's side of the emulator: time, instances, faults. */
export async function emulate(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const [verb = '', ...rest] = args;
  if (verb === 'init') {
    return init(rest, surroundings);
  }
  const cluster = openCluster(surroundings);
  try {
    return await perform(cluster, verb, rest);
  } finally {
    cluster.store.close();
  }
}

async function perform(cluster: Cluster, verb: string, rest: readonly string[]): Promise<number> {
  const print: Print = (line) => cluster.surroundings.out(`${JSON.stringify(line)}\n`);
  switch (verb) {
    case 'tick':
      await tick(cluster, print);
      return 0;
    case 'run':
      return await run(cluster, rest, print);
    case 'boot':
      return instanceEvent(cluster, 'boot', rest);
    case 'kill':
    case 'node-fail':
      return instanceEvent(cluster, 'kill', rest);
    case 'fault':
      return fault(cluster, rest);
    case 'set':
      return set(cluster, rest);
    case 'restart':
      return restart(cluster);
    case 'state':
      return state(cluster, rest);
    default:
      throw new Complaint(USAGE, 2);
  }
}

/** What happened to an instance; the next tick acts on it. */
function instanceEvent(
  cluster: Cluster,
  kind: 'boot' | 'kill',
  [node, ...more]: readonly string[],
): number {
  if (node === undefined || more.length > 0) {
    throw new Complaint(USAGE, 2);
  }
  if (!cluster.conf.nodes.has(node)) {
    throw new Complaint(`emulate ${kind}: no such node: ${node}`);
  }
  const nowUs = clockOf(cluster.conf);
  cluster.store.exclusively(() =>
    cluster.store.run('INSERT INTO event (at_us, kind, node) VALUES (?, ?, ?)', nowUs, kind, node),
  );
  return 0;
}

function fault(cluster: Cluster, [verb, json, ...more]: readonly string[]): number {
  if (verb !== 'add' || json === undefined || more.length > 0) {
    throw new Complaint(USAGE, 2);
  }
  cluster.store.exclusively(() => addFault(cluster.store, json));
  return 0;
}

function set(cluster: Cluster, [key, value, ...more]: readonly string[]): number {
  if (key === undefined || value === undefined || more.length > 0) {
    throw new Complaint(USAGE, 2);
  }
  checkSetting(key, value);
  cluster.store.exclusively(() =>
    cluster.store.run(
      'INSERT INTO setting VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
      key,
      value,
    ),
  );
  return 0;
}

function state(cluster: Cluster, rest: readonly string[]): number {
  if (rest.length > 1 || (rest.length === 1 && rest[0] !== '--json')) {
    throw new Complaint(USAGE, 2);
  }
  cluster.surroundings.out(stateJson(cluster));
  return 0;
}

/** slurmctld restarts: ResumeProgram is called again for every node that is powering up. */
function restart(cluster: Cluster): number {
  return change(cluster, (world) => {
    const waiting = [...world.nodes.values()].filter((node) => has(node, 'POWERING_UP'));
    for (const node of waiting) {
      withoutFlags(node, 'POWERING_UP', 'NOT_RESPONDING');
      withFlag(node, 'POWERED_DOWN');
      withFlag(node, 'POWER_UP');
      changedNode(world, node);
    }
    owe(world, 'resume', world.atUs, { nodes: waiting.map((node) => node.name) });
    return 0;
  });
}
