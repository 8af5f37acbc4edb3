// DescribeInstances and DescribeInstanceStatus (fake-ec2.md 3.3, 3.4).
import type { Call, Engine } from './engine.ts';
import { ApiError } from './errors.ts';
import { type Facts, readFilter } from './filters.ts';
import { isVisible, visibleInstances } from './instance-ids.ts';
import { lookOf, reservationsXml } from './instance-xml.ts';
import { paginate } from './paging.ts';
import { type Instance, STATE_CODES } from './state.ts';
import { visibleTags } from './tags.ts';
import { isoSeconds, SECOND_US } from './time.ts';
import type { Xml } from './xml.ts';

function facts(engine: Engine): Facts<Instance> {
  function address(i: Instance): readonly string[] {
    return lookOf(engine, i).state === 'terminated' ? [] : [i.ip];
  }
  return {
    'instance-id': (i) => [i.id],
    'instance-state-name': (i) => [lookOf(engine, i).state],
    'instance-type': (i) => [i.type],
    'availability-zone': (i) => [i.az],
    'subnet-id': (i) => [i.subnetId],
    'client-token': (i) => [i.clientToken],
    'placement-group-name': (i) => [i.groupName],
    'instance-lifecycle': (i) => (i.market === 'on-demand' ? [] : [i.market]),
    'private-ip-address': address,
    'launch-time': (i) => [isoSeconds(i.launchUs)],
  };
}

export function describeInstances(call: Call): Xml {
  const { engine, params } = call;
  const ids = params.list('InstanceId');
  checkIdsOrPages(call, ids);
  const listed =
    ids.length > 0
      ? visibleInstances(engine, ids)
      : [...engine.state.instances.values()].filter((i) => isVisible(engine, i));
  const keep = readFilter(params, facts(engine), (i) => visibleTags(i, engine.state.nowUs));
  const page = paginate(call, listed, { min: 5, max: 1000, position: (i) => i.ordinal, keep });
  return {
    reservationSet: reservationsXml(engine, page.items),
    ...(page.next === undefined ? {} : { nextToken: page.next }),
  };
}

function checkIdsOrPages(call: Call, ids: readonly string[]): void {
  if (ids.length > 0 && call.params.has('MaxResults')) {
    throw new ApiError(
      'InvalidParameterCombination',
      'The parameter instancesSet cannot be used with the parameter maxResults',
    );
  }
}

export function describeInstanceStatus(call: Call): Xml {
  const { engine, params } = call;
  const ids = params.list('InstanceId');
  checkIdsOrPages(call, ids);
  const wantsAll = params.bool('IncludeAllInstances');
  const named =
    ids.length > 0
      ? visibleInstances(engine, ids)
      : [...engine.state.instances.values()].filter((i) => isVisible(engine, i));
  const listed = named.filter((i) => wantsAll || lookOf(engine, i).state === 'running');
  const keep = readFilter(params, statusFacts(engine));
  const page = paginate(call, listed, { min: 5, max: 1000, position: (i) => i.ordinal, keep });
  return {
    instanceStatusSet: page.items.map((instance) => statusXml(engine, instance)),
    ...(page.next === undefined ? {} : { nextToken: page.next }),
  };
}

function statusFacts(engine: Engine): Facts<Instance> {
  return {
    'availability-zone': (i) => [i.az],
    'instance-state-name': (i) => [lookOf(engine, i).state],
    'instance-status.status': (i) => [health(engine, i)],
    'system-status.status': (i) => [health(engine, i)],
    'event.code': (i) => i.scheduled.map((event) => event.code),
  };
}

function health(engine: Engine, instance: Instance): string {
  if (lookOf(engine, instance).state !== 'running') {
    return 'not-applicable';
  }
  if (instance.impairedUs !== undefined) {
    return 'impaired';
  }
  const okUs = (instance.runningUs ?? 0) + engine.world.life.status_ok_s * SECOND_US;
  return engine.state.nowUs < okUs ? 'initializing' : 'ok';
}

const REACHABILITY: Readonly<Record<string, string>> = {
  ok: 'passed',
  impaired: 'failed',
  initializing: 'initializing',
};

function statusXml(engine: Engine, instance: Instance): Xml {
  const { state } = lookOf(engine, instance);
  const status = health(engine, instance);
  const reached = REACHABILITY[status];
  const since = instance.impairedUs;
  const check: Xml = {
    status,
    details:
      reached === undefined
        ? []
        : [
            {
              name: 'reachability',
              status: reached,
              ...(since === undefined ? {} : { impairedSince: isoSeconds(since) }),
            },
          ],
  };
  return {
    instanceId: instance.id,
    availabilityZone: instance.az,
    eventsSet: instance.scheduled.map((event) => ({
      instanceEventId: event.id,
      code: event.code,
      description: event.description,
      notBefore: isoSeconds(event.notBeforeUs),
    })),
    instanceState: { code: STATE_CODES[state], name: state },
    systemStatus: check,
    instanceStatus: check,
  };
}
