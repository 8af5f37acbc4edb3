// The request of CreateFleet: what is read from it and what is wrong with it (fake-ec2.md 3.2).
import type { Pool } from './capacity.ts';
import type { Call } from './engine.ts';
import { ApiError, invalidValue, missing } from './errors.ts';
import { type LaunchSpec, priceE10, readLaunchSpec } from './launch-spec.ts';
import type { Params } from './params.ts';
import { overlay } from './template-data.ts';
import { findTemplate, findVersion } from './templates.ts';
import type { Market } from './world.ts';

const OPTIONS = [
  'AllocationStrategy',
  'SingleInstanceType',
  'SingleAvailabilityZone',
  'MinTargetCapacity',
  'MaxTotalPrice',
];
const OVERRIDE = [
  'InstanceType',
  'SubnetId',
  'AvailabilityZone',
  'MaxPrice',
  'Priority',
  'WeightedCapacity',
  'Placement.GroupName',
  'IamInstanceProfile.Arn',
  'IamInstanceProfile.Name',
];
const TARGET = [
  'TotalTargetCapacity',
  'OnDemandTargetCapacity',
  'SpotTargetCapacity',
  'DefaultTargetCapacityType',
];

export const FLEET_NAMES: readonly string[] = [
  'Type',
  'ClientToken',
  ...TARGET.map((name) => `TargetCapacitySpecification.${name}`),
  ...['LaunchTemplateId', 'LaunchTemplateName', 'Version'].map(
    (name) => `LaunchTemplateConfigs.n.LaunchTemplateSpecification.${name}`,
  ),
  ...OVERRIDE.map((name) => `LaunchTemplateConfigs.n.Overrides.n.${name}`),
  ...OPTIONS.flatMap((name) => [`SpotOptions.${name}`, `OnDemandOptions.${name}`]),
  'SpotOptions.InstanceInterruptionBehavior',
  'SpotOptions.InstancePoolsToUseCount',
  'OnDemandOptions.CapacityReservationOptions.UsageStrategy',
  'TagSpecification.n.ResourceType',
  'TagSpecification.n.Tag.n.Key',
  'TagSpecification.n.Tag.n.Value',
];

/** One override in one zone. */
export interface Candidate {
  readonly spec: LaunchSpec;
  readonly pool: Pool;
  readonly priority: number;
  readonly weight: number;
  /** The request's own words, repeated in the answer. */
  readonly maxPrice: string | undefined;
  readonly priorityText: string | undefined;
  readonly groupName: string | undefined;
}

export interface Part {
  readonly market: Market;
  readonly target: number;
  readonly strategy: string;
  readonly isSingleType: boolean;
  readonly isSingleZone: boolean;
  readonly minTarget: number;
  readonly candidates: readonly Candidate[];
}

const SPOT_STRATEGIES = [
  'lowest-price',
  'diversified',
  'capacity-optimized',
  'capacity-optimized-prioritized',
  'price-capacity-optimized',
];
const DEMAND_STRATEGIES = ['lowest-price', 'prioritized'];
const MARKETS = ['on-demand', 'spot', 'capacity-block'] as const;
const MAX_CONFIGS = 50;
const MAX_OVERRIDES = 300;
const MAX_TARGET = 10_000;
const MAX_MIN_TARGET = 1000;
const UNLIKELY = 2 ** 40;

export function readParts(call: Call): readonly Part[] {
  const { params } = call;
  const type = params.need('Type');
  if (type !== 'instant') {
    throw new ApiError('UnsupportedOperation', `Fleets of type ${type} are not supported here.`);
  }
  const targets = readTargets(params.struct('TargetCapacitySpecification'));
  const configs = params.structs('LaunchTemplateConfigs');
  if (configs.length === 0) {
    throw missing('LaunchTemplateConfigs');
  }
  const overrides = configs.reduce((sum, config) => sum + config.structs('Overrides').length, 0);
  if (configs.length > MAX_CONFIGS || overrides > MAX_OVERRIDES) {
    throw badFleet('Too many launch template configs or overrides.');
  }
  // The options of a market count even if nothing is asked of it: their form is checked.
  const parts = MARKETS.map((market) => readPart(call, market, targets[market], configs));
  return parts.filter((part) => part.target > 0);
}

function badFleet(message: string): ApiError {
  return new ApiError('InvalidFleetConfiguration', message);
}

function readTargets(spec: Params): Readonly<Record<Market, number>> {
  const total = spec.int('TotalTargetCapacity', 1, Number.MAX_SAFE_INTEGER);
  if (total === undefined) {
    throw missing('TargetCapacitySpecification.TotalTargetCapacity');
  }
  if (total > MAX_TARGET) {
    throw badFleet(`TotalTargetCapacity is above ${MAX_TARGET}.`);
  }
  const asked = spec.oneOf('DefaultTargetCapacityType', MARKETS) ?? 'on-demand';
  const demand = spec.int('OnDemandTargetCapacity', 0, MAX_TARGET) ?? 0;
  const spot = spec.int('SpotTargetCapacity', 0, MAX_TARGET) ?? 0;
  if (demand + spot > total) {
    throw badFleet('The target capacities add up to more than TotalTargetCapacity.');
  }
  const targets = { 'on-demand': demand, spot, 'capacity-block': 0 };
  const rest = total - demand - spot;
  for (const market of MARKETS) {
    targets[market] += market === asked ? rest : 0;
  }
  return targets;
}

function readPart(call: Call, market: Market, target: number, configs: readonly Params[]): Part {
  const { params } = call;
  const options = params.struct(market === 'spot' ? 'SpotOptions' : 'OnDemandOptions');
  const strategies = market === 'spot' ? SPOT_STRATEGIES : DEMAND_STRATEGIES;
  const usage = params
    .struct('OnDemandOptions')
    .oneOf('CapacityReservationOptions.UsageStrategy', ['use-capacity-reservations-first']);
  params
    .struct('SpotOptions')
    .oneOf('InstanceInterruptionBehavior', ['terminate', 'stop', 'hibernate']);
  priceE10('MaxTotalPrice', options.text('MaxTotalPrice'));
  checkPools(params.struct('SpotOptions'));
  const reservations = market !== 'spot' && usage !== undefined ? 'first' : 'none';
  const part: Part = {
    market,
    target,
    strategy: options.oneOf('AllocationStrategy', strategies) ?? 'lowest-price',
    isSingleType: options.bool('SingleInstanceType'),
    isSingleZone: options.bool('SingleAvailabilityZone'),
    minTarget: options.int('MinTargetCapacity', 1, MAX_MIN_TARGET) ?? 0,
    candidates: target > 0 ? readCandidates(call, market, reservations, configs) : [],
  };
  checkPart(part);
  return part;
}

/** Only lowest-price spreads over a number of pools; the fake itself always takes the cheapest. */
function checkPools(spot: Params): void {
  const pools = spot.int('InstancePoolsToUseCount', 1, MAX_TARGET);
  const strategy = spot.text('AllocationStrategy') ?? 'lowest-price';
  if (pools !== undefined && strategy !== 'lowest-price') {
    throw badFleet('InstancePoolsToUseCount is for the lowest-price strategy.');
  }
}

function checkPart(part: Part): void {
  if (part.minTarget > 0 && !(part.isSingleType || part.isSingleZone)) {
    throw new ApiError(
      'InvalidParameterCombination',
      'MinTargetCapacity needs SingleInstanceType or SingleAvailabilityZone.',
    );
  }
  if (!part.isSingleZone) {
    return;
  }
  const subnetOfZone = new Map<string, string>();
  for (const { pool } of part.candidates) {
    const other = subnetOfZone.get(pool.subnet.az) ?? pool.subnet.id;
    if (other !== pool.subnet.id) {
      throw badFleet('Two subnets of one Availability Zone under SingleAvailabilityZone.');
    }
    subnetOfZone.set(pool.subnet.az, pool.subnet.id);
  }
}

function readCandidates(
  call: Call,
  market: Market,
  reservations: Pool['reservations'],
  configs: readonly Params[],
): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const config of configs) {
    const reference = config.struct('LaunchTemplateSpecification');
    const template = findTemplate(call, reference);
    const version = findVersion(template, reference.need('Version'));
    const overrides = config.structs('Overrides');
    for (const override of overrides.length > 0 ? overrides : [config.struct('None')]) {
      const maxPrice = override.text('MaxPrice');
      const choice = {
        index: candidates.length,
        market,
        maxPriceE10: priceE10('MaxPrice', maxPrice),
        reservations,
      };
      const whole = overlay(version.data, overrideWords(override));
      const spec = readLaunchSpec(call, whole, choice, { template, version });
      candidates.push({
        spec,
        pool: spec.pool,
        priority: decimal('Priority', override.text('Priority')) ?? UNLIKELY,
        weight: weight(override.text('WeightedCapacity')),
        maxPrice,
        priorityText: override.text('Priority'),
        groupName: override.text('Placement.GroupName'),
      });
    }
  }
  return candidates;
}

/** An override in the words of a launch specification. */
function overrideWords(override: Params): Map<string, string> {
  const words = new Map<string, string>();
  const subnet = override.text('SubnetId');
  if (subnet?.includes(',') === true) {
    throw badFleet('An override of an instant fleet has exactly one subnet.');
  }
  for (const [from, to] of [
    ['InstanceType', 'InstanceType'],
    ['SubnetId', 'SubnetId'],
    ['AvailabilityZone', 'Placement.AvailabilityZone'],
    ['Placement.GroupName', 'Placement.GroupName'],
    ['IamInstanceProfile.Name', 'IamInstanceProfile.Name'],
    ['IamInstanceProfile.Arn', 'IamInstanceProfile.Arn'],
  ] as const) {
    const value = override.text(from);
    if (value !== undefined) {
      words.set(to, value);
    }
  }
  return words;
}

function weight(text: string | undefined): number {
  const value = decimal('WeightedCapacity', text) ?? 1;
  if (value <= 0) {
    throw invalidValue('WeightedCapacity', text ?? '');
  }
  return value;
}

function decimal(name: string, text: string | undefined): number | undefined {
  const value = text === undefined ? undefined : Number(text);
  if (value !== undefined && !(value >= 0 && Number.isFinite(value))) {
    throw invalidValue(name, text ?? '');
  }
  return value;
}
