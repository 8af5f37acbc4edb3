// pending → running → shutting-down → terminated, and what may come between (fake-ec2.md section 7).
import { billLines } from './billing.ts';
import type { Event } from './clock.ts';
import { type Engine, effect, instanceOf, isLive, typeOf } from './engine.ts';
import { durationUs } from './random.ts';
import { type Instance, type InstanceState, poolKey } from './state.ts';
import { gmt, SECOND_US } from './time.ts';

export interface Ending {
  readonly to: 'shutting-down' | 'stopping' | 'terminated';
  readonly cause: string;
  readonly code: string;
  readonly message: string;
  readonly reason: string;
}

export function stateOf(instance: Instance): InstanceState {
  return instance.looks.at(-1)?.state ?? 'pending';
}

/** Counts a new instance in and sets its first event. */
export function begin(
  engine: Engine,
  instance: Instance,
  pendingUs: number,
  isDoomed: boolean,
): void {
  const { state } = engine;
  state.instances.set(instance.id, instance);
  state.counts.live += 1;
  count(engine, instance, 1);
  const key = poolKey(instance.type, instance.az, instance.market);
  const reserved = instance.capacityReservationId;
  bump(reserved === '' ? state.used : state.reservedUse, reserved === '' ? key : reserved, 1);
  after(engine, instance, pendingUs, isDoomed ? 'failed' : 'running');
}

export function onEvent(engine: Engine, event: Event): void {
  const instance = instanceOf(engine, event.instance);
  instance.due = instance.due.filter((id) => id !== event.id);
  switch (event.kind) {
    case 'running':
      instance.runningUs = engine.state.nowUs;
      change(engine, instance, 'running', 'boot');
      boot(engine, instance);
      return;
    case 'failed':
      end(engine, instance, launchFailure('launch-failure'));
      return;
    case 'terminated':
      finish(engine, instance);
      return;
    case 'stopped':
      change(engine, instance, 'stopped', 'stop');
      return;
    case 'tag-wait':
      end(engine, instance, selfShutdown('tag-wait', 'terminate'));
      return;
    case 'taken':
      end(engine, instance, {
        to: 'shutting-down',
        cause: 'spot-interruption',
        code: 'Server.SpotInstanceTermination',
        message: 'Server.SpotInstanceTermination: Spot instance termination',
        reason: 'Server.SpotInstanceTermination',
      });
      setSpot(engine, instance, 'instance-terminated-no-capacity');
      return;
    case 'boot':
      startBoot(engine, instance);
      return;
  }
}

/** By an API call, ours or a person's. */
export function terminate(engine: Engine, instance: Instance, cause: string): void {
  const state = stateOf(instance);
  if (state === 'shutting-down' || state === 'terminated') {
    return;
  }
  end(engine, instance, {
    to: 'shutting-down',
    cause,
    code: 'Client.UserInitiatedShutdown',
    message: 'Client.UserInitiatedShutdown: User initiated shutdown',
    reason: `User initiated (${gmt(engine.state.nowUs)})`,
  });
  setSpot(engine, instance, 'instance-terminated-by-user');
}

export function launchFailure(cause: string): Ending {
  return {
    to: 'terminated',
    cause,
    code: 'Server.InternalError',
    message: 'Server.InternalError: Internal error on launch',
    reason: 'Server.InternalError',
  };
}

export function selfShutdown(cause: string, behaviour: 'terminate' | 'stop'): Ending {
  return {
    to: behaviour === 'stop' ? 'stopping' : 'shutting-down',
    cause,
    code: 'Client.InstanceInitiatedShutdown',
    message: 'Client.InstanceInitiatedShutdown: Instance initiated shutdown',
    reason: '',
  };
}

export function end(engine: Engine, instance: Instance, ending: Ending): void {
  const before = stateOf(instance);
  if (before === 'shutting-down' || before === 'terminated') {
    return;
  }
  for (const id of instance.due) {
    engine.clock.cancel(id);
  }
  instance.due = [];
  if (isLive(instance)) {
    instance.endUs = engine.state.nowUs;
    instance.endCause = ending.cause;
    instance.endedPending = before === 'pending';
    engine.state.counts.live -= 1;
    count(engine, instance, -1);
  }
  if (ending.to === 'terminated') {
    finish(engine, instance, ending);
    return;
  }
  change(engine, instance, ending.to, ending);
  if (before === 'running') {
    bootGone(engine, instance);
  }
  const shutdownUs = durationUs(engine.state.streams, 'shutdown', engine.world.life.shutdown_s);
  after(engine, instance, shutdownUs, ending.to === 'stopping' ? 'stopped' : 'terminated');
}

/** Shows the notice now and takes the instance after `noticeS`. */
export function interrupt(engine: Engine, instance: Instance, noticeS: number): void {
  if (instance.market !== 'spot' || !isLive(instance)) {
    throw new Error(`${instance.id} is no live spot instance`);
  }
  instance.noticeUs ??= engine.state.nowUs;
  instance.takenUs = engine.state.nowUs + Math.round(noticeS * SECOND_US);
  setSpot(engine, instance, 'marked-for-termination');
  effect(engine, 'notice', 'spot-interruption', {
    instance: instance.id,
    taken_us: instance.takenUs,
  });
  after(engine, instance, Math.round(noticeS * SECOND_US), 'taken');
}

/** A tag may be the name that a waiting node was missing. */
export function tagged(engine: Engine, instance: Instance): void {
  if (instance.boot === 'waiting') {
    boot(engine, instance);
  }
}

export function reboot(engine: Engine, instance: Instance): void {
  effect(engine, 'reboot', 'RebootInstances', { instance: instance.id });
  if (instance.boot === 'started') {
    bootGone(engine, instance);
    startBoot(engine, instance);
  }
}

function after(engine: Engine, instance: Instance, waitUs: number, kind: Event['kind']): void {
  const id = engine.clock.schedule(engine.state.nowUs + waitUs, kind, instance.id);
  instance.due.push(id);
}

function change(
  engine: Engine,
  instance: Instance,
  state: InstanceState,
  why: Ending | string,
): void {
  const texts = typeof why === 'string' ? undefined : why;
  const cause = typeof why === 'string' ? why : why.cause;
  const last = instance.looks.at(-1);
  instance.looks.push({
    atUs: engine.state.nowUs,
    state,
    code: texts?.code ?? (state === 'running' ? '' : (last?.code ?? '')),
    message: texts?.message ?? (state === 'running' ? '' : (last?.message ?? '')),
    reason: texts?.reason ?? last?.reason ?? '',
  });
  effect(engine, 'state', cause, { instance: instance.id, from: last?.state, to: state });
}

function finish(engine: Engine, instance: Instance, ending?: Ending): void {
  const { state } = engine;
  change(engine, instance, 'terminated', ending ?? instance.endCause);
  instance.terminatedUs = state.nowUs;
  state.subnets.get(instance.subnetId)?.used.delete(instance.ip);
  const reserved = instance.capacityReservationId;
  const key = poolKey(instance.type, instance.az, instance.market);
  bump(reserved === '' ? state.used : state.reservedUse, reserved === '' ? key : reserved, -1);
  for (const line of billLines(engine, instance)) {
    engine.journal.write('bill', { ...line });
  }
}

function count(engine: Engine, instance: Instance, by: number): void {
  const { counts } = engine.state;
  if (instance.market === 'spot') {
    counts.spot += by;
  } else {
    counts.vcpu += by * typeOf(engine.world, instance.type).vcpu;
  }
}

function bump(map: Map<string, number>, key: string, by: number): void {
  map.set(key, (map.get(key) ?? 0) + by);
}

function setSpot(engine: Engine, instance: Instance, code: string): void {
  const request = engine.state.spotRequests.get(instance.spotRequestId);
  if (request !== undefined) {
    request.code = code;
    request.updatedUs = engine.state.nowUs;
  }
}

/** The node is up: it looks for its name, waits for it, or starts. */
function boot(engine: Engine, instance: Instance): void {
  const spec = engine.world.boot;
  if (spec === null) {
    return;
  }
  const node = instance.tags.get(spec.node_tag);
  if (node === undefined) {
    if (instance.boot === 'no') {
      instance.boot = 'waiting';
      after(engine, instance, spec.tag_wait_s * SECOND_US, 'tag-wait');
    }
    return;
  }
  for (const id of instance.due) {
    const event = engine.state.events.get(id);
    if (event?.kind === 'tag-wait') {
      engine.clock.cancel(id);
    }
  }
  instance.node = node;
  if (spec.fail.some((which) => which === instance.id || Number(which) === instance.ordinal)) {
    instance.boot = 'dead';
    engine.journal.write('boot', {
      event: 'boot_failed',
      what: 'running',
      instance: instance.id,
      node,
    });
    return;
  }
  instance.boot = 'delayed';
  if (spec.delay_s > 0) {
    after(engine, instance, spec.delay_s * SECOND_US, 'boot');
  } else {
    startBoot(engine, instance);
  }
}

function startBoot(engine: Engine, instance: Instance): void {
  instance.boot = 'started';
  runBoot(engine, instance, 'running');
}

function bootGone(engine: Engine, instance: Instance): void {
  if (instance.boot === 'started') {
    runBoot(engine, instance, 'gone');
  }
}

function runBoot(engine: Engine, instance: Instance, what: 'running' | 'gone'): void {
  const spec = engine.world.boot;
  const argv = spec?.[what] ?? null;
  if (spec === null || argv === null) {
    return;
  }
  const words: Readonly<Record<string, string>> = {
    '{node}': instance.node,
    '{instance_id}': instance.id,
    '{ip}': instance.ip,
  };
  engine.boots.start({
    what,
    instance: instance.id,
    node: instance.node,
    argv: argv.map((word) => filled(word, words)),
    env: spec.env,
  });
}

const PLACEHOLDER = /\{[a-z_]+\}/g;

export function filled(word: string, values: Readonly<Record<string, string>>): string {
  return word.replace(PLACEHOLDER, (name) => values[name] ?? name);
}
