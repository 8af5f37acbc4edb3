import { expandNodelist, isNodelistError } from '../../core/slurm/nodelist.ts';
import { type Cluster, change } from '../cluster.ts';
import { Complaint, unsupported } from '../complaint.ts';
import { changedNode, failJobsOn, nodeOf } from '../engine/lifecycle.ts';
import { askDown, forceDown, giveReason } from '../engine/power.ts';
import { has, type Node, withFlag, withoutFlags } from '../model/node.ts';
import { happened, owe, usageOf, type World } from '../model/world.ts';
import { type Pairs, refuseOthers } from './pairs.ts';

const KNOWN = new Set(['nodename', 'nodeaddr', 'nodehostname', 'state', 'reason']);
const WRONG_NODE = 'slurm_update error: Invalid node name specified';
const WRONG_STATE = 'slurm_update error: Invalid node state specified';
const NEEDS_REASON = 'You must specify a reason when DOWNING or DRAINING a node. Request denied';

export function updateNodes(cluster: Cluster, pairs: Pairs): string {
  refuseOthers(pairs, KNOWN);
  const state = pairs.get('state')?.toLowerCase();
  if (state !== undefined && !Object.hasOwn(ACTS, state)) {
    throw badState(state);
  }
  if (['down', 'drain', 'fail'].includes(state ?? '') && !pairs.has('reason')) {
    throw new Complaint(NEEDS_REASON);
  }
  return change(cluster, (world) => {
    if (!cluster.isOperator) {
      throw new Complaint('slurm_update error: Invalid user id');
    }
    const names = namesOf(world, pairs.get('nodename') ?? '');
    setAddresses(world, names, pairs);
    const reason = pairs.get('reason');
    for (const name of reason === undefined ? [] : names) {
      giveReason(world, nodeOf(world, name), reason ?? '', cluster.user);
    }
    if (state !== undefined) {
      ACTS[state]?.(world, names);
      happened(world, 'node_state', { nodes: names, state });
      world.mayStart = true;
    }
    return '';
  });
}

function badState(state: string): Complaint {
  return ['idle', 'future', 'noresp', 'planned', 'reboot'].includes(state)
    ? unsupported(`scontrol update state=${state}`)
    : new Complaint(
        [
          `Invalid input: state=${state}`,
          'Request aborted',
          'Valid states are: NoResp DRAIN FAIL FUTURE RESUME POWER_DOWN POWER_UP UNDRAIN',
          "Not all states are valid given a node's prior state",
        ].join('\n'),
      );
}

function namesOf(world: World, list: string): readonly string[] {
  const names = expandNodelist(list, { unique: true });
  if (
    isNodelistError(names) ||
    names.length === 0 ||
    names.some((name) => !world.nodes.has(name))
  ) {
    throw new Complaint(WRONG_NODE);
  }
  return names;
}

/** Lists as long as the node list, or nothing is changed. */
function setAddresses(world: World, names: readonly string[], pairs: Pairs): void {
  const addresses = listOf(pairs.get('nodeaddr'), names);
  const hostnames = listOf(pairs.get('nodehostname'), names);
  for (const [index, name] of names.entries()) {
    const node = nodeOf(world, name);
    node.address = addresses?.[index] ?? node.address;
    node.hostname = hostnames?.[index] ?? node.hostname;
    changedNode(world, node);
  }
}

function listOf(text: string | undefined, names: readonly string[]): readonly string[] | undefined {
  if (text === undefined) {
    return undefined;
  }
  const list = expandNodelist(text);
  if (isNodelistError(list) || list.length !== names.length) {
    throw new Complaint(WRONG_NODE);
  }
  return list;
}

type Act = (world: World, names: readonly string[]) => void;

const ACTS: Readonly<Record<string, Act>> = {
  down: each(setDown),
  drain: each((_, node) => withFlag(node, 'DRAIN')),
  undrain: each((_, node) => withoutFlags(node, 'DRAIN')),
  fail: each((_, node) => withFlag(node, 'FAIL')),
  resume,
  power_up: each(powerUp),
  power_down: askDown,
  power_down_asap: powerDownAsap,
  power_down_force: forceDown,
};

function each(act: (world: World, node: Node) => void): Act {
  return (world, names) => {
    for (const name of names) {
      const node = nodeOf(world, name);
      act(world, node);
      changedNode(world, node);
    }
  };
}

/** A node that powers up stays `down#`, with no SuspendProgram (measured). */
function setDown(world: World, node: Node): void {
  node.isDown = true;
  failJobsOn(world, node.name);
  node.idleUs ||= world.atUs;
}

/** Clears DOWN, DRAIN and FAIL; on `down~` gives `idle~`, without a program. */
function resume(world: World, names: readonly string[]): void {
  const isWrong = names.some((name) => {
    const node = nodeOf(world, name);
    return !(node.isDown || has(node, 'DRAIN') || has(node, 'FAIL') || has(node, 'POWERING_DOWN'));
  });
  if (isWrong) {
    throw new Complaint(WRONG_STATE);
  }
  for (const name of names) {
    const node = nodeOf(world, name);
    node.isDown = false;
    withoutFlags(node, 'DRAIN', 'FAIL');
    node.reason = undefined;
    if (has(node, 'POWERED_DOWN')) {
      withFlag(node, 'NOT_RESPONDING'); // left over, and harmless
    }
    if (
      !has(node, 'POWERED_DOWN') &&
      !has(node, 'POWERING_UP') &&
      usageOf(world, name).jobs === 0
    ) {
      node.idleUs = world.atUs;
    }
    changedNode(world, node);
  }
}

function powerUp(world: World, node: Node): void {
  if (has(node, 'POWERED_DOWN')) {
    withFlag(node, 'POWER_UP');
    node.isDown = false;
    owe(world, 'resume', world.atUs, { nodes: [node.name] });
  }
}

function powerDownAsap(world: World, names: readonly string[]): void {
  for (const name of names) {
    withFlag(nodeOf(world, name), 'DRAIN');
  }
  askDown(world, names);
}
