// RunInstances (fake-ec2.md 3.1).
import { Headroom, type Pool } from './capacity.ts';
import type { Call } from './engine.ts';
import { ApiError, invalidValue, missing } from './errors.ts';
import { remember, tokenOf } from './idempotency.ts';
import { instanceXml } from './instance-xml.ts';
import { launch } from './launch.ts';
import { type LaunchSpec, priceE10, readLaunchSpec } from './launch-spec.ts';
import type { Params } from './params.ts';
import type { Instance, Remembered } from './state.ts';
import { readTagSpecifications } from './tags.ts';
import { LAUNCH_NAMES, overlay } from './template-data.ts';
import { findTemplate, findVersion } from './templates.ts';
import { LAUNCH_BUCKET, pay } from './throttle.ts';
import type { Market } from './world.ts';
import type { Xml } from './xml.ts';

export const RUN_NAMES: readonly string[] = [
  'MinCount',
  'MaxCount',
  'SubnetId',
  'ClientToken',
  'LaunchTemplate.LaunchTemplateId',
  'LaunchTemplate.LaunchTemplateName',
  'LaunchTemplate.Version',
  ...LAUNCH_NAMES,
];

const TAGGED = ['instance', 'volume', 'network-interface', 'spot-instances-request'];
const MOST = 10_000;

export function runInstances(call: Call): Xml {
  const { params } = call;
  const max = params.int('MaxCount', 1, MOST) ?? missingCount('MaxCount');
  const min = params.int('MinCount', 1, MOST) ?? missingCount('MinCount');
  if (min > max) {
    throw invalidValue('MinCount', String(min));
  }
  pay(call.engine, LAUNCH_BUCKET, max);
  checkInterfaces(params);
  const spec = specOf(call);
  const tags = tagsOf(call, spec);
  const room = new Headroom(call).room(spec.pool);
  if (room.n < min) {
    throw new ApiError(room.code, room.message, statusOf(call, room.code));
  }
  const instances = launch(call, spec, {
    n: Math.min(max, room.n),
    clientToken: tokenOf(call),
    fleetId: '',
    tags,
  });
  const ids = instances.map((instance) => instance.id);
  remember(call, ids, { reservationId: instances[0]?.reservationId });
  return answer(call, instances);
}

/** The first answer again, with the states of now. */
export function runInstancesAgain(call: Call, known: Remembered): Xml {
  const instances = known.instances.flatMap((id) => call.engine.state.instances.get(id) ?? []);
  return answer(call, instances);
}

function answer(call: Call, instances: readonly Instance[]): Xml {
  return {
    reservationId: instances[0]?.reservationId,
    ownerId: call.engine.world.account,
    groupSet: [],
    instancesSet: instances.map((instance) => instanceXml(call.engine, instance)),
  };
}

function missingCount(name: string): never {
  throw missing(name);
}

function statusOf(call: Call, code: string): number | undefined {
  return code === 'InsufficientInstanceCapacity' ? call.engine.world.capacity_status : undefined;
}

function checkInterfaces(params: Params): void {
  if (params.has('NetworkInterface') && (params.has('SubnetId') || params.has('SecurityGroupId'))) {
    throw new ApiError(
      'InvalidParameterCombination',
      'Network interfaces and an instance-level subnet ID or security group may not be specified on the same request',
    );
  }
}

function specOf(call: Call): LaunchSpec {
  const { params } = call;
  if (!params.has('LaunchTemplate')) {
    return readLaunchSpec(call, params, choiceOf(params), undefined);
  }
  const reference = params.struct('LaunchTemplate');
  const template = findTemplate(call, reference);
  const version = findVersion(template, reference.str('Version') ?? '$Default');
  const whole = overlay(version.data, params.flat);
  return readLaunchSpec(call, whole, choiceOf(whole), { template, version });
}

function choiceOf(params: Params): {
  readonly index: number;
  readonly market: Market;
  readonly maxPriceE10: number | undefined;
  readonly reservations: Pool['reservations'];
} {
  const markets = ['spot', 'capacity-block'] as const;
  const asked = params.oneOf('InstanceMarketOptions.MarketType', markets);
  const market = markets.find((name) => name === asked) ?? 'on-demand';
  const spot = params.struct('InstanceMarketOptions.SpotOptions');
  spot.oneOf('SpotInstanceType', ['one-time', 'persistent']);
  spot.oneOf('InstanceInterruptionBehavior', ['terminate', 'stop', 'hibernate']);
  const reservation = params.struct('CapacityReservationSpecification');
  const preference = reservation.oneOf('CapacityReservationPreference', [
    'open',
    'none',
    'capacity-reservations-only',
  ]);
  const target = reservation.text('CapacityReservationTarget.CapacityReservationId');
  return {
    index: 0,
    market,
    maxPriceE10: priceE10('MaxPrice', spot.text('MaxPrice')),
    reservations: target ?? (preference === 'open' ? 'first' : 'none'),
  };
}

/** Tags of the template, then those of the request. */
function tagsOf(call: Call, spec: LaunchSpec): ReadonlyMap<string, string> {
  const own = readTagSpecifications(call.params, TAGGED).get('instance') ?? new Map();
  return new Map([...templateTags(spec), ...own]);
}

export function templateTags(spec: LaunchSpec): ReadonlyMap<string, string> {
  const data = spec.template?.version.data;
  return data === undefined
    ? new Map()
    : (readTagSpecifications(overlay(new Map(), data), TAGGED).get('instance') ?? new Map());
}
