// TerminateInstances, RebootInstances, CreateTags (fake-ec2.md 3.4).
import type { Call, Engine } from './engine.ts';
import { effect } from './engine.ts';
import { ApiError, missing } from './errors.ts';
import { visibleInstances } from './instance-ids.ts';
import { reboot, stateOf, tagged, terminate } from './lifecycle.ts';
import { type Instance, type InstanceState, STATE_CODES } from './state.ts';
import { checkCount, readTags, setTags } from './tags.ts';
import { pay } from './throttle.ts';
import type { Xml } from './xml.ts';

const MOST = 1000;

export function terminateInstances(call: Call): Xml {
  const { engine } = call;
  const ids = call.params.list('InstanceId');
  if (ids.length === 0) {
    throw missing('InstanceId');
  }
  if (ids.length > MOST) {
    throw new ApiError('InvalidParameterValue', `More than ${MOST} instances.`);
  }
  pay(engine, 'TerminateInstances.instances', ids.length);
  const instances = visibleInstances(engine, ids);
  // A protected member keeps its whole zone, and only its zone.
  const kept = new Set(instances.filter((i) => i.isProtected).map((i) => i.az));
  const before = new Map(instances.map((i) => [i.id, stateOf(i)]));
  const going = instances.filter((i) => !kept.has(i.az));
  if (!call.isPretence) {
    for (const instance of going) {
      terminate(engine, instance, 'TerminateInstances');
    }
  }
  const blocked = instances.find((i) => i.isProtected);
  if (blocked !== undefined) {
    throw new ApiError(
      'OperationNotPermitted',
      `The instance '${blocked.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    );
  }
  return { instancesSet: going.map((i) => changeXml(i, before.get(i.id) ?? 'pending')) };
}

function changeXml(instance: Instance, before: InstanceState): Xml {
  const now = stateOf(instance);
  // Also what a pretended termination claims.
  const current = now === 'terminated' ? now : 'shutting-down';
  return {
    instanceId: instance.id,
    currentState: { code: STATE_CODES[current], name: current },
    previousState: { code: STATE_CODES[before], name: before },
  };
}

export function rebootInstances(call: Call): Xml {
  const ids = call.params.list('InstanceId');
  if (ids.length === 0) {
    throw missing('InstanceId');
  }
  const instances = visibleInstances(call.engine, ids);
  for (const instance of call.isPretence ? [] : instances) {
    if (stateOf(instance) !== 'running') {
      throw new ApiError('IncorrectInstanceState', `${instance.id} is not running`);
    }
    reboot(call.engine, instance);
  }
  return { return: true };
}

export function createTags(call: Call): Xml {
  const { engine, params } = call;
  const ids = params.list('ResourceId');
  const tags = readTags(params);
  if (ids.length === 0 || tags.size === 0) {
    throw missing(ids.length === 0 ? 'ResourceId' : 'Tag');
  }
  const instances = visibleInstances(
    engine,
    ids.filter((id) => id.startsWith('i-')),
  );
  const others = ids.filter((id) => !id.startsWith('i-')).map((id) => otherResource(engine, id));
  for (const map of [...instances.map((i) => i.tags), ...others]) {
    checkCount(new Map([...map, ...tags]));
  }
  if (call.isPretence) {
    return { return: true };
  }
  for (const map of others) {
    for (const [key, value] of tags) {
      map.set(key, value);
    }
  }
  for (const instance of instances) {
    setTags(instance, tags, engine.state.nowUs);
    effect(engine, 'tags', 'CreateTags', { instance: instance.id, tags: Object.fromEntries(tags) });
    tagged(engine, instance);
  }
  return { return: true };
}

function otherResource(engine: Engine, id: string): Map<string, string> {
  const { groups, templates, fleets } = engine.state;
  const found =
    [...groups.values()].find((group) => group.id === id) ?? templates.get(id) ?? fleets.get(id);
  if (found === undefined) {
    throw new ApiError(notFoundCode(id), `The ID '${id}' does not exist`);
  }
  return found.tags;
}

function notFoundCode(id: string): string {
  const codes: readonly (readonly [string, string])[] = [
    ['pg-', 'InvalidPlacementGroup.Unknown'],
    ['lt-', 'InvalidLaunchTemplateId.NotFound'],
    ['fleet-', 'InvalidFleetId.NotFound'],
    ['subnet-', 'InvalidSubnetID.NotFound'],
    ['vol-', 'InvalidVolume.NotFound'],
    ['eni-', 'InvalidNetworkInterfaceID.NotFound'],
    ['ami-', 'InvalidAMIID.NotFound'],
  ];
  return codes.find(([prefix]) => id.startsWith(prefix))?.[1] ?? 'InvalidID';
}
