// Placement groups.
import type { Call } from './engine.ts';
import { ApiError, invalidValue } from './errors.ts';
import { readFilter } from './filters.ts';
import { stateOf } from './lifecycle.ts';
import { hex } from './random.ts';
import type { PlacementGroup, State } from './state.ts';
import { readTagSpecifications, tagSet } from './tags.ts';
import type { World } from './world.ts';
import type { Xml } from './xml.ts';

const STRATEGIES = ['cluster', 'partition', 'spread'];
const NAME_MAX = 255;

export function settleGroups(state: State, world: World): void {
  for (const { name, strategy } of world.placement_groups) {
    if (!state.groups.has(name)) {
      const id = `pg-${hex(state.streams, 'group', 17)}`;
      state.groups.set(name, { name, id, strategy, partitions: 0, tags: new Map() });
    }
  }
}

export function createPlacementGroup(call: Call): Xml {
  const { state } = call.engine;
  const name = call.params.need('GroupName');
  if (name.length > NAME_MAX) {
    throw invalidValue('GroupName', name);
  }
  const strategy = call.params.oneOf('Strategy', STRATEGIES) ?? 'cluster';
  const partitions = call.params.int('PartitionCount', 1, 7) ?? (strategy === 'partition' ? 2 : 0);
  const tags = readTagSpecifications(call.params, ['placement-group']).get('placement-group');
  if (state.groups.has(name)) {
    throw new ApiError(
      'InvalidPlacementGroup.Duplicate',
      `The placement group '${name}' already exists.`,
    );
  }
  const id = `pg-${hex(state.streams, 'group', 17)}`;
  const group = { name, id, strategy, partitions, tags: tags ?? new Map<string, string>() };
  if (!call.isPretence) {
    state.groups.set(name, group);
  }
  return { return: true, placementGroup: groupXml(group) };
}

export function deletePlacementGroup(call: Call): Xml {
  const { state } = call.engine;
  const group = groupByName(call, call.params.need('GroupName'));
  for (const instance of state.instances.values()) {
    if (instance.groupName === group.name && stateOf(instance) !== 'terminated') {
      throw new ApiError(
        'InvalidPlacementGroup.InUse',
        `The placement group '${group.name}' is in use and may not be deleted.`,
      );
    }
  }
  if (!call.isPretence) {
    state.groups.delete(group.name);
  }
  return { return: true };
}

export function describePlacementGroups(call: Call): Xml {
  const names = call.params.list('GroupName');
  const chosen =
    names.length > 0
      ? names.map((name) => groupByName(call, name))
      : [...call.engine.state.groups.values()];
  const keep = readFilter<PlacementGroup>(
    call.params,
    {
      'group-name': (group) => [group.name],
      'group-id': (group) => [group.id],
      strategy: (group) => [group.strategy],
      state: () => ['available'],
    },
    (group) => group.tags,
  );
  return { placementGroupSet: chosen.filter(keep).map(groupXml) };
}

function groupByName(call: Call, name: string): PlacementGroup {
  const group = call.engine.state.groups.get(name);
  if (group === undefined) {
    throw new ApiError(
      'InvalidPlacementGroup.Unknown',
      `The Placement Group '${name}' is unknown.`,
    );
  }
  return group;
}

function groupXml(group: PlacementGroup): Xml {
  return {
    groupName: group.name,
    groupId: group.id,
    strategy: group.strategy,
    state: 'available',
    ...(group.partitions > 0 ? { partitionCount: group.partitions } : {}),
    ...(group.tags.size > 0 ? { tagSet: tagSet(group.tags) } : {}),
  };
}
