// CreateFleet of type instant (fake-ec2.md 3.2): fill, launch, and say what refused.
import type { Room } from './capacity.ts';
import type { Call } from './engine.ts';
import { type Filling, fillPart, type Given, type Refused } from './fleet-fill.ts';
import { type Candidate, type Part, readParts } from './fleet-request.ts';
import { remember, tokenOf } from './idempotency.ts';
import { launch } from './launch.ts';
import { uuid } from './random.ts';
import { templateTags } from './run-instances.ts';
import { readTagSpecifications } from './tags.ts';
import { available, LAUNCH_BUCKET, pay } from './throttle.ts';
import type { Xml } from './xml.ts';

const NOTHING: Room = {
  n: 0,
  code: 'UnfulfillableCapacity',
  message:
    'Unable to fulfill capacity due to your request configuration. Please adjust your request and try again.',
};

export function createFleet(call: Call): Xml {
  const { state } = call.engine;
  const parts = readParts(call);
  const byType = readTagSpecifications(call.params, [
    'fleet',
    'instance',
    'volume',
    'network-interface',
  ]);
  const fleetId = `fleet-${uuid(state.streams, 'fleet')}`;
  const tags = byType.get('instance') ?? new Map();
  const errors: Xml[] = [];
  const launched: Xml[] = [];
  const ids: string[] = [];
  for (const part of parts) {
    const filling = fillPart(call, part, available(call.engine, LAUNCH_BUCKET));
    errors.push(...filling.refused.map((refused) => errorXml(part, refused.room, refused)));
    for (const given of filling.given) {
      pay(call.engine, LAUNCH_BUCKET, given.n);
      const { spec } = given.candidate;
      const instances = launch(call, spec, {
        n: given.n,
        clientToken: tokenOf(call),
        fleetId,
        tags: new Map([...templateTags(spec), ...tags]),
      });
      const own = instances.map((instance) => instance.id);
      ids.push(...own);
      launched.push(groupXml(part, given, own));
    }
    errors.push(...forcedError(call, part, filling));
  }
  if (ids.length === 0) {
    errors.push(errorXml(parts[0], NOTHING, undefined));
  }
  if (!call.isPretence) {
    state.fleets.set(fleetId, { id: fleetId, tags: byType.get('fleet') ?? new Map() });
  }
  const answer = { fleetId, errorSet: errors, fleetInstanceSet: launched };
  remember(call, ids, answer);
  return answer;
}

/** `pool_error` without `fulfil`: an error beside a fill that it does not touch. */
function forcedError(call: Call, part: Part, filling: Filling): Xml[] {
  const { pool_error: code, fulfil } = call.changes;
  const candidate = filling.given[0]?.candidate ?? part.candidates[0];
  if (code === undefined || fulfil !== undefined || candidate === undefined) {
    return [];
  }
  const room = { n: 0, code, message: 'Refused by a fault rule.' };
  return [errorXml(part, room, { candidate, room })];
}

function errorXml(part: Part | undefined, room: Room, refused: Refused | undefined): Xml {
  return {
    errorCode: room.code,
    errorMessage: room.message,
    lifecycle: part?.market ?? 'on-demand',
    ...(refused === undefined
      ? {}
      : { launchTemplateAndOverrides: overridesXml(refused.candidate) }),
  };
}

function groupXml(part: Part, given: Given, ids: readonly string[]): Xml {
  return {
    launchTemplateAndOverrides: overridesXml(given.candidate),
    lifecycle: part.market,
    instanceIds: ids,
    instanceType: given.candidate.pool.type.type,
  };
}

function overridesXml(candidate: Candidate): Xml {
  const { spec, pool } = candidate;
  return {
    launchTemplateSpecification: {
      launchTemplateId: spec.template?.template.id,
      version: spec.template?.version.version,
    },
    overrides: {
      instanceType: pool.type.type,
      subnetId: pool.subnet.id,
      availabilityZone: pool.subnet.az,
      ...(candidate.maxPrice === undefined ? {} : { maxPrice: candidate.maxPrice }),
      ...(candidate.priorityText === undefined ? {} : { priority: candidate.priorityText }),
      ...(candidate.groupName === undefined
        ? {}
        : { placement: { groupName: candidate.groupName } }),
    },
  };
}
