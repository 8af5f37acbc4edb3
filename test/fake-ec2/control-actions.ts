// Things that happen to the cloud from outside: prices, capacity, interruptions, people, failures.
import { Headroom } from './capacity.ts';
import type { Json } from './control.ts';
import { type Call, type Engine, effect, instanceOf, isLive, typeOf } from './engine.ts';
import { launch } from './launch.ts';
import { subnetById } from './launch-spec.ts';
import { end, interrupt, launchFailure, selfShutdown, stateOf, terminate } from './lifecycle.ts';
import { Params } from './params.ts';
import { type Instance, poolKey } from './state.ts';
import { isoSeconds, SECOND_US, seconds } from './time.ts';
import type { Market } from './world.ts';

const NOTICE_S = 120;

/** `{type, az, e10}`: the price from this second on. */
export function changePrice(engine: Engine, body: Json): unknown {
  const { type, az, e10 } = body as { type: string; az: string; e10: number };
  const rows = engine.state.spotPrices.get(poolKey(type, az, 'spot'));
  if (rows === undefined || !(Number.isSafeInteger(e10) && e10 >= 0)) {
    throw new Error('price: type, az and e10 of a spot pool are needed');
  }
  const atS = seconds(engine.state.nowUs);
  const later = rows.filter((row) => row.atS > atS);
  const earlier = rows.filter((row) => row.atS < atS);
  rows.splice(0, rows.length, ...earlier, { atS, e10 }, ...later);
  effect(engine, 'price', 'control', { type, az, e10, at: isoSeconds(atS * SECOND_US) });
  return { type, az, e10, at_s: atS };
}

/**
 * `{type, az, market, set, reclaim?, notice_s?}`; type, az, market may be left out: all of them.
 * `capacity`, the word of the world file, does as well as `set`.
 */
export function changeCapacity(engine: Engine, body: Json): unknown {
  const { reclaim, notice_s: noticeS } = body as { reclaim?: boolean; notice_s?: number };
  const set = Number(body['set'] ?? body['capacity']);
  if (!(Number.isInteger(set) && set >= 0)) {
    throw new Error('capacity: set is needed');
  }
  const pools = poolsMeant(engine, body);
  if (pools.length === 0) {
    throw new Error('capacity: no such pool');
  }
  for (const key of pools) {
    engine.state.capacity.set(key, set);
    effect(engine, 'capacity', 'control', { pool: key, set });
    if (reclaim === true && key.endsWith('|spot')) {
      reclaimPool(engine, key, { set, noticeS: noticeS ?? NOTICE_S });
    }
  }
  return { pools };
}

function poolsMeant(engine: Engine, body: Json): readonly string[] {
  const { type, az, market } = body;
  const all = engine.world.types.flatMap((spec) =>
    engine.world.zones.flatMap((zone) =>
      spec.usage.map((usage) => ({ type: spec.type, az: zone.name, market: usage })),
    ),
  );
  return all
    .filter((pool) => (type ?? pool.type) === pool.type)
    .filter((pool) => (az ?? pool.az) === pool.az)
    .filter((pool) => (market ?? pool.market) === pool.market)
    .map((pool) => poolKey(pool.type, pool.az, pool.market));
}

/** Interrupts the newest first, as many as the pool is too small for. */
function reclaimPool(
  engine: Engine,
  key: string,
  to: { readonly set: number; readonly noticeS: number },
): void {
  const members = [...engine.state.instances.values()].filter(
    (i) => isLive(i) && i.noticeUs === undefined && poolKey(i.type, i.az, i.market) === key,
  );
  for (const instance of members.slice(to.set).reverse()) {
    interrupt(engine, instance, to.noticeS);
  }
}

export function interruptById(engine: Engine, body: Json): unknown {
  const { instance: id, notice_s: noticeS } = body as { instance: string; notice_s?: number };
  const instance = instanceOf(engine, id);
  interrupt(engine, instance, noticeS ?? NOTICE_S);
  return { instance: id, taken_us: instance.takenUs };
}

type Deed = (engine: Engine, instance: Instance, body: Json) => void;

/** What can happen to one instance: `{"terminate": "i-…"}` and so on. */
const DEEDS: Readonly<Record<string, Deed>> = {
  terminate: (engine, instance) => terminate(engine, instance, 'external:terminate'),
  poweroff: (engine, instance) =>
    end(engine, instance, selfShutdown('external:poweroff', instance.onShutdown)),
  stop: (engine, instance) =>
    end(engine, instance, {
      to: 'stopping',
      cause: 'external:stop',
      code: 'Client.UserInitiatedShutdown',
      message: 'Client.UserInitiatedShutdown: User initiated shutdown',
      reason: `User initiated (${isoSeconds(engine.state.nowUs).slice(0, 19).replace('T', ' ')} GMT)`,
    }),
  protect: (_engine, instance) => {
    instance.isProtected = true;
  },
  unprotect: (_engine, instance) => {
    instance.isProtected = false;
  },
  /** Dies in pending, as an instance with a broken volume does. */
  fail: (engine, instance) => {
    if (stateOf(instance) !== 'pending') {
      throw new Error(`${instance.id} is not pending`);
    }
    end(engine, instance, launchFailure('launch-failure'));
  },
  rebalance: (engine, instance) => {
    instance.rebalanceUs = engine.state.nowUs;
  },
  impair: (engine, instance) => {
    instance.impairedUs = engine.state.nowUs;
  },
  recover: (_engine, instance) => {
    instance.impairedUs = undefined;
  },
  event: (engine, instance, body) => {
    const { code, in_s: inS } = body as { code?: string; in_s?: number };
    instance.scheduled = [
      ...instance.scheduled,
      {
        id: `instance-event-${instance.id.slice(2)}${instance.scheduled.length}`,
        code: code ?? 'instance-retirement',
        description: 'The instance is running on degraded hardware',
        notBeforeUs: engine.state.nowUs + (inS ?? 86_400) * SECOND_US,
      },
    ];
  },
};

export function external(engine: Engine, body: Json): unknown {
  if (body['launch'] !== undefined) {
    return foreignLaunch(engine, body['launch'] as Json);
  }
  const found = Object.keys(DEEDS).find((name) => typeof body[name] === 'string');
  const deed = DEEDS[found ?? ''];
  if (found === undefined || deed === undefined) {
    throw new Error(`external: one of ${Object.keys(DEEDS).join(', ')} or launch is needed`);
  }
  const instance = instanceOf(engine, String(body[found]));
  effect(engine, 'external', 'control', { deed: found, instance: instance.id });
  deed(engine, instance, body);
  return { [found]: instance.id, state: stateOf(instance) };
}

/** Instances that nobody of ours launched: `{type, subnet, market?, count?, tags?}`. */
function foreignLaunch(engine: Engine, body: Json): unknown {
  const { type, subnet, market, count, tags } = body as {
    type: string;
    subnet: string;
    market?: Market;
    count?: number;
    tags?: Readonly<Record<string, string>>;
  };
  const call: Call = {
    engine,
    action: 'external:launch',
    params: new Params(new Map()),
    n: 0,
    changes: {},
    isPretence: false,
  };
  const pool = {
    index: 0,
    type: typeOf(engine.world, type),
    subnet: subnetById(call, subnet),
    market: market ?? 'on-demand',
    arch: 'x86_64',
    wantsEfa: false,
    maxPriceE10: undefined,
    groupName: '',
    reservations: 'none',
  };
  const wanted = count ?? 1;
  if (new Headroom(call).room(pool).n < wanted) {
    throw new Error('external: no room for the launch');
  }
  const spec = {
    pool,
    imageId: engine.world.images[0]?.id ?? '',
    nics: [{ device: 0, card: 0, type: 'interface' }],
    volumes: (engine.world.images[0]?.volumes ?? []).map(({ device, gib, kept = false }) => ({
      ...{ device, gib },
      isKept: kept,
    })),
    tenancy: 'default',
    profile: '',
    keyName: '',
    securityGroups: [],
    onShutdown: 'terminate',
    isProtected: false,
    template: undefined,
  } as const;
  const instances = launch(call, spec, {
    n: wanted,
    clientToken: '',
    fleetId: '',
    tags: new Map(Object.entries(tags ?? {})),
  });
  return { instances: instances.map((instance) => instance.id) };
}
