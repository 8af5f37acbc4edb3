import { has, type Node, withFlag, withoutFlags } from '../model/node.ts';
import { confOf, happened, owe, runningOn, usageOf, type World } from '../model/world.ts';
import { changedNode, failJobsOn, nodeOf } from './lifecycle.ts';

/** Nodes of a resume call that still want an instance: used by a job, or asked for by power_up. */
export function resumable(world: World, names: readonly string[]): readonly string[] {
  return names.filter((name) => {
    const node = nodeOf(world, name);
    const isWanted = has(node, 'POWER_UP') || usageOf(world, name).jobs > 0;
    return has(node, 'POWERED_DOWN') && isWanted && !node.isDown;
  });
}

/** ResumeProgram is called for it: `alloc~` becomes `alloc#`. */
export function poweringUp(world: World, name: string): void {
  const node = nodeOf(world, name);
  withoutFlags(node, 'POWERED_DOWN', 'POWER_UP');
  withFlag(node, 'POWERING_UP');
  withFlag(node, 'NOT_RESPONDING');
  node.resumeUs = world.atUs;
  changedNode(world, node);
}

/** SuspendProgram is called for it: `idle%`. */
export function poweringDown(world: World, name: string): void {
  const node = nodeOf(world, name);
  withoutFlags(node, 'POWER_DOWN', 'POWERED_DOWN', 'POWERING_UP', 'NOT_RESPONDING');
  withFlag(node, 'POWERING_DOWN');
  node.isDown = false;
  node.suspendUs = world.atUs;
  node.idleUs = 0;
  node.lostUs = 0;
  changedNode(world, node);
}

/** SuspendTimeout is over: `idle~`, the address back to the node's name. */
export function poweredDown(world: World, node: Node): void {
  withoutFlags(node, 'POWERING_DOWN', 'NOT_RESPONDING', 'DRAIN');
  withFlag(node, 'POWERED_DOWN');
  node.address = node.name;
  node.hostname = node.name;
  node.lastBusyUs = 0;
  node.suspendUs = 0;
  world.mayStart = true;
  happened(world, 'powered_down', { node: node.name });
  changedNode(world, node);
}

/** Its slurmd has registered. One that is being powered down is not listened to. */
export function register(world: World, node: Node): void {
  if (has(node, 'POWERING_DOWN')) {
    happened(world, 'registration_ignored', { node: node.name });
    return;
  }
  withoutFlags(node, 'POWERING_UP', 'NOT_RESPONDING', 'POWERED_DOWN', 'POWER_UP');
  node.isDown = false; // ReturnToService=2
  if (!has(node, 'DRAIN')) {
    node.reason = undefined;
  }
  node.wasSeen = true;
  takeAddress(world, node);
  node.bootUs = world.atUs;
  node.lastBusyUs = world.atUs;
  node.lostUs = 0;
  node.idleUs = usageOf(world, node.name).jobs === 0 ? world.atUs : 0;
  world.mayStart = true;
  happened(world, 'registered', { node: node.name });
  changedNode(world, node);
  if (has(node, 'POWER_DOWN') && node.idleUs !== 0) {
    owe(world, 'suspend', world.atUs, { nodes: [node.name] });
  }
}

/** cloud_reg_addrs: a node that nobody gave an address has that of its slurmd. */
function takeAddress(world: World, node: Node): void {
  const conf = confOf(world, node);
  if (world.conf.takesAddresses && node.address === node.name) {
    node.address = conf.address;
    node.hostname = conf.hostname;
  }
}

/** Its slurmd is gone; slurmctld notices later. */
export function lose(world: World, node: Node): void {
  if (has(node, 'POWERED_DOWN') || has(node, 'POWERING_DOWN') || has(node, 'POWERING_UP')) {
    return;
  }
  node.lostUs = world.atUs;
  happened(world, 'lost', { node: node.name });
  changedNode(world, node);
}

/** SlurmdTimeout is over: `down*`, its jobs fail. */
export function notResponding(world: World, node: Node): void {
  node.isDown = true;
  node.lostUs = 0;
  withFlag(node, 'NOT_RESPONDING');
  giveReason(world, node, 'Not responding', world.conf.slurmUser);
  failJobsOn(world, node.name, false);
  node.lastBusyUs = world.atUs;
  node.idleUs = world.atUs; // a cloud node that is down is suspended like an idle one
  happened(world, 'down', { node: node.name, reason: 'Not responding' });
}

/** ResumeTimeout is over without registration: `down~`, ResumeFailProgram, no SuspendProgram. */
export function resumeFailed(world: World, node: Node): void {
  withoutFlags(node, 'POWERING_UP', 'POWER_DOWN');
  node.isDown = true;
  withFlag(node, 'POWERED_DOWN');
  withFlag(node, 'NOT_RESPONDING');
  giveReason(world, node, 'ResumeTimeout reached', world.conf.slurmUser);
  failJobsOn(world, node.name);
  node.lastBusyUs = 0;
  node.idleUs = 0;
  node.resumeUs = 0;
  happened(world, 'resume_timeout', { node: node.name });
  changedNode(world, node);
  if (world.conf.programs.resumeFail !== '') {
    owe(world, 'resume-fail', world.atUs, { nodes: [node.name] });
  }
}

/** `state=power_down_force`: its jobs go, one SuspendProgram call for all nodes of the command. */
export function forceDown(world: World, names: readonly string[]): void {
  for (const name of names) {
    const node = nodeOf(world, name);
    withFlag(node, 'POWER_DOWN'); // before its jobs leave it
    node.isDown = false;
    changedNode(world, node);
    failJobsOn(world, name);
    owe(world, 'suspend', world.atUs, { nodes: [name] });
  }
}

/** `state=power_down`: at once when idle, else when its jobs have ended. */
export function askDown(world: World, names: readonly string[]): void {
  for (const name of names) {
    const node = nodeOf(world, name);
    withFlag(node, 'POWER_DOWN');
    changedNode(world, node);
    if (runningOn(world, name).length === 0 && !has(node, 'POWERING_UP')) {
      owe(world, 'suspend', world.atUs, { nodes: [name] });
    }
  }
}

export function giveReason(world: World, node: Node, text: string, user: string): void {
  node.reason = { text, user, atUs: world.atUs };
  changedNode(world, node);
}
