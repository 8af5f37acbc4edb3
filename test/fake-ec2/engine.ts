// What every part of the fake works on, and the one call of a client.
import type { Boots } from './boots.ts';
import type { Clock } from './clock.ts';
import { ApiError } from './errors.ts';
import type { Journal } from './journal.ts';
import type { Params } from './params.ts';
import type { Instance, State } from './state.ts';
import type { TypeSpec, World } from './world.ts';

export interface Engine {
  world: World;
  state: State;
  clock: Clock;
  boots: Boots;
  readonly journal: Journal;
}

/** What a fault rule changes inside the execution of a call. */
export interface CallChanges {
  readonly invisible_s?: number;
  readonly stale_s?: number;
  readonly tags_late_s?: number;
  /** Stuck in pending for so long. */
  readonly pending_s?: number;
  /** So many instances of the call die in pending. */
  readonly launch_fails?: number;
  readonly fulfil?: number;
  readonly pool_error?: string;
  readonly capacity?: readonly {
    readonly type?: string;
    readonly az?: string;
    readonly market?: string;
    readonly set: number;
  }[];
  readonly page_size?: number;
  readonly repeat_page?: boolean;
  readonly shuffle?: boolean;
}

export interface Call {
  readonly engine: Engine;
  readonly action: string;
  readonly params: Params;
  /** Number of the request in the journal. */
  readonly n: number;
  readonly changes: CallChanges;
  /** Answer as if it had been done, without doing it. */
  readonly isPretence: boolean;
}

export function effect(
  engine: Engine,
  what: string,
  cause: string,
  fields: Readonly<Record<string, unknown>>,
): void {
  engine.journal.write('effect', { what, cause, ...fields });
}

export function typeOf(world: World, name: string): TypeSpec {
  const type = world.types.find((spec) => spec.type === name);
  if (type === undefined) {
    throw new ApiError('InvalidParameterValue', `Invalid value '${name}' for InstanceType.`);
  }
  return type;
}

export function instanceOf(engine: Engine, id: string): Instance {
  const instance = engine.state.instances.get(id);
  if (instance === undefined) {
    throw new ApiError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
  }
  return instance;
}

export function isLive(instance: Instance): boolean {
  return instance.endUs === undefined;
}
