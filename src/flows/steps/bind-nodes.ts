import { launchClassOf } from '../../core/burst/errors.ts';
import { ROWS_MAX } from '../../core/burst/record.ts';
import { recordBound, recordSeen } from '../../core/burst/record-instances.ts';
import { nodeTags } from '../../core/burst/tags.ts';
import { EXIT, Fault } from '../../core/errors.ts';
import type { CloudInstance } from '../../ports/cloud.ts';
import type { SlurmNode } from '../../ports/slurm.ts';
import { type BurstPorts, chance } from './burst-ports.ts';
import { type Deadline, pause } from './deadline.ts';
import { note } from './decide-burst.ts';
import { inParallel } from './parallel.ts';

export interface BoundNode {
  readonly node: string;
  readonly instance: CloudInstance;
}

/** Node and instance id, as the rows say. */
export interface Pair {
  readonly node: string;
  readonly instanceId: string;
}

export type BindResult =
  | { readonly kind: 'bound'; readonly nodes: readonly BoundNode[] }
  | {
      readonly kind: 'failed';
      readonly step: 'describe' | 'tag' | 'slurm';
      readonly code: string;
      readonly sentence: string;
      /** EC2, or the shared API budget, had no time for the calls. */
      readonly isThrottled?: boolean | undefined;
    };

const FIRST_POLL_MS = 100;
const POLLS_MS = [600, 1200, 2400, 4800];
const LATER_POLLS_MS = 5000;
const JITTER_MS = 500;
const RETRY_MS = 1500;
const NODES_PER_CALL = 100;
/** CreateTags calls under way at a time. */
const TAGGING_AT_ONCE = 16;

/**
 * Addresses, names and SLURM (burst.md 5.1 steps 9 and 10): every member has a private address, its
 * tags carry its name, slurmctld knows where it is. One member missing fails the whole list.
 */
export async function bindNodes(
  pairs: readonly Pair[],
  ports: BurstPorts,
  deadline: Deadline,
): Promise<BindResult> {
  const seen = await untilAddressed(pairs, ports, deadline);
  if (!Array.isArray(seen)) {
    return seen;
  }
  await recordAll(pairs, ports, seen);
  return (
    (await tagAll(seen, ports, deadline)) ??
    (await tellSlurm(seen, ports, deadline)) ??
    (await recordAllBound(seen, ports))
  );
}

type Failed = Extract<BindResult, { kind: 'failed' }>;

function failed(step: Failed['step'], code: string, sentence: string): Failed {
  return { kind: 'failed', step, code, sentence };
}

const ALIVE: ReadonlySet<string> = new Set(['pending', 'running']);

async function untilAddressed(
  pairs: readonly Pair[],
  ports: BurstPorts,
  deadline: Deadline,
): Promise<BoundNode[] | Failed> {
  const ids = pairs.map(({ instanceId }) => instanceId);
  for (let poll = 0; ; poll += 1) {
    if (!(await pause(ports, pollPauseMs(poll, ports), deadline))) {
      return failed('describe', 'NoAddress', 'an instance got no address in time');
    }
    const found = await describe(ids, ports);
    const dead = found.find(({ state }) => !ALIVE.has(state));
    if (dead !== undefined) {
      const code = dead.stateReasonCode === '' ? 'InstanceEnded' : dead.stateReasonCode;
      return failed('describe', code, `${dead.instanceId} ended before it was a node`);
    }
    const bound = addressed(pairs, found);
    if (bound.length === pairs.length) {
      return bound;
    }
  }
}

function pollPauseMs(poll: number, ports: BurstPorts): number {
  return poll === 0
    ? FIRST_POLL_MS
    : (POLLS_MS[poll - 1] ?? LATER_POLLS_MS) + chance(ports) * JITTER_MS;
}

function addressed(pairs: readonly Pair[], found: readonly CloudInstance[]): BoundNode[] {
  const byId = new Map(found.map((instance) => [instance.instanceId, instance]));
  return pairs.flatMap(({ node, instanceId }) => {
    const instance = byId.get(instanceId);
    return instance === undefined || instance.privateIp === '' ? [] : [{ node, instance }];
  });
}

/** A failing look is one more poll (burst.md F19): an instance not seen yet is not lost (F20). */
async function describe(
  ids: readonly string[],
  { cloud, log }: BurstPorts,
): Promise<readonly CloudInstance[]> {
  try {
    return await cloud.instances({ by: 'ids', ids });
  } catch (error) {
    if (!(error instanceof Fault && error.exitCode === EXIT.tryAgain)) {
      throw error;
    }
    log.write('warn', 'describe_failed', { msg: error.message });
    return [];
  }
}

async function recordAll(
  pairs: readonly Pair[],
  ports: BurstPorts,
  bound: readonly BoundNode[],
): Promise<void> {
  const seen = bound.map(({ instance }) => instance);
  for (let at = 0; at < pairs.length; at += ROWS_MAX) {
    const instanceIds = pairs.slice(at, at + ROWS_MAX).map(({ instanceId }) => instanceId);
    const what = { verb: 'resume seen', args: { instances: instanceIds } };
    const query = { fleet: { instanceIds, usage: true } };
    await note(ports, what, query, (view) => recordSeen(view, seen));
  }
}

async function tagAll(
  bound: readonly BoundNode[],
  ports: BurstPorts,
  deadline: Deadline,
): Promise<Failed | undefined> {
  let failure: Failed | undefined;
  await inParallel(bound, TAGGING_AT_ONCE, async (each) => {
    // One missing name is the end of the gang: the rest is not worth a call.
    if (failure === undefined) {
      const result = await tagOne(each, ports, deadline);
      failure ??= result;
    }
  });
  return failure;
}

/** An instance without its name powers itself off: a failed tag is a failed member. */
async function tagOne(
  { node, instance }: BoundNode,
  ports: BurstPorts,
  deadline: Deadline,
): Promise<Failed | undefined> {
  for (;;) {
    try {
      await ports.cloud.tag([instance.instanceId], nodeTags(node));
      return undefined;
    } catch (error) {
      if (!(error instanceof Fault)) {
        throw error;
      }
      ports.log.write('warn', 'tag_failed', { node, msg: error.message });
      const mayPass = error.exitCode === EXIT.tryAgain;
      if (!(mayPass && (await pause(ports, RETRY_MS, deadline)))) {
        return untagged(node, error);
      }
    }
  }
}

function untagged(node: string, { code, message }: Fault): Failed {
  const sentence = `the name of ${node} could not be set: ${message}`;
  return launchClassOf(code, 0) === 'throttle'
    ? { ...failed('tag', code, sentence), isThrottled: true }
    : failed('tag', 'TagFailed', sentence);
}

async function tellSlurm(
  bound: readonly BoundNode[],
  ports: BurstPorts,
  deadline: Deadline,
): Promise<Failed | undefined> {
  for (let at = 0; at < bound.length; at += NODES_PER_CALL) {
    const part = bound.slice(at, at + NODES_PER_CALL);
    const failure = await tellPart(part, ports, deadline);
    if (failure !== undefined) {
      return failure;
    }
  }
  return undefined;
}

async function tellPart(
  part: readonly BoundNode[],
  ports: BurstPorts,
  deadline: Deadline,
): Promise<Failed | undefined> {
  for (;;) {
    const untold = await untoldAfter(part, ports);
    if (untold.length === 0) {
      return undefined;
    }
    if (!(await pause(ports, RETRY_MS, deadline))) {
      const [first] = untold;
      return failed('slurm', 'SlurmUpdate', `slurmctld did not take the address of ${first?.node}`);
    }
  }
}

/** slurmctld does the good part of a failing batch: what is really there is read back, then one by one. */
async function untoldAfter(
  part: readonly BoundNode[],
  ports: BurstPorts,
): Promise<readonly BoundNode[]> {
  if (await setAddresses(part, ports)) {
    return [];
  }
  const known = await readBack(part, ports);
  if (known === undefined) {
    return part;
  }
  const untold: BoundNode[] = [];
  for (const each of part) {
    const isSet = known.get(each.node)?.address === each.instance.privateIp;
    if (!(isSet || (await setAddresses([each], ports)))) {
      untold.push(each);
    }
  }
  return untold;
}

async function readBack(
  part: readonly BoundNode[],
  { slurm, log }: BurstPorts,
): Promise<ReadonlyMap<string, SlurmNode> | undefined> {
  try {
    const nodes = await slurm.nodes(part.map(({ node }) => node).join(','));
    return new Map(nodes.map((node) => [node.name, node]));
  } catch (error) {
    log.write('warn', 'nodes_unreadable', { msg: messageOf(error) });
    return undefined;
  }
}

/** False: slurmctld did not take them, or not all. */
export async function setAddresses(
  part: readonly BoundNode[],
  { slurm, settings, log }: BurstPorts,
): Promise<boolean> {
  const update = {
    nodes: part.map(({ node }) => node),
    addresses: part.map(({ instance }) => instance.privateIp),
    hostnames: part.map((each) => hostnameOf(each, settings.burst.node_hostname)),
  };
  try {
    await slurm.setAddresses(update);
    return true;
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    log.write('warn', 'addresses_failed', { nodes: part.length, msg: error.message });
    return false;
  }
}

function hostnameOf({ node, instance }: BoundNode, how: 'nodename' | 'private-dns' | 'ip'): string {
  switch (how) {
    case 'nodename':
      return node;
    case 'private-dns':
      return instance.privateDnsName.split('.', 1)[0] ?? node;
    case 'ip':
      return instance.privateIp;
  }
}

async function recordAllBound(bound: readonly BoundNode[], ports: BurstPorts): Promise<BindResult> {
  const ids = bound.map(({ instance }) => instance.instanceId);
  for (let at = 0; at < ids.length; at += ROWS_MAX) {
    const instanceIds = ids.slice(at, at + ROWS_MAX);
    const what = { verb: 'resume bound', args: { instances: instanceIds } };
    await note(ports, what, { fleet: { instanceIds } }, (view) => recordBound(view, instanceIds));
  }
  return { kind: 'bound', nodes: bound };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
