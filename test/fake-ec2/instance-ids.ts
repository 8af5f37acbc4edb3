// Instances as a client can name them: eventual consistency included (fake-ec2.md 3.3).
import type { Engine } from './engine.ts';
import { ApiError } from './errors.ts';
import type { Instance } from './state.ts';
import { SECOND_US } from './time.ts';

const ID = /^i-([0-9a-f]{8}|[0-9a-f]{17})$/;

export function isVisible(engine: Engine, instance: Instance): boolean {
  const { nowUs } = engine.state;
  const goneUs = instance.terminatedUs ?? Number.POSITIVE_INFINITY;
  return (
    instance.visibleUs <= nowUs &&
    nowUs <= goneUs + engine.world.life.terminated_visible_s * SECOND_US
  );
}

/** One malformed or unknown id fails the whole call. */
export function visibleInstances(engine: Engine, ids: readonly string[]): readonly Instance[] {
  for (const id of ids) {
    if (!ID.test(id)) {
      throw new ApiError('InvalidInstanceID.Malformed', `Invalid id: "${id}"`);
    }
  }
  const found: Instance[] = [];
  const unknown: string[] = [];
  for (const id of new Set(ids)) {
    const instance = engine.state.instances.get(id);
    if (instance !== undefined && isVisible(engine, instance)) {
      found.push(instance);
    } else {
      unknown.push(id);
    }
  }
  if (unknown.length > 0) {
    const [only] = unknown;
    throw new ApiError(
      'InvalidInstanceID.NotFound',
      unknown.length === 1
        ? `The instance ID '${only}' does not exist`
        : `The instance IDs '${unknown.join(', ')}' do not exist`,
    );
  }
  return found;
}
