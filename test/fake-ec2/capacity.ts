// How many more instances of a pool could start now, and which limit says no (fake-ec2.md 2, 3.2, 4).
import type { Call } from './engine.ts';
import { isLive } from './engine.ts';
import { stateOf } from './lifecycle.ts';
import { freeAddresses, poolKey, type SubnetState, spotPriceAt } from './state.ts';
import { seconds } from './time.ts';
import type { Market, TypeSpec } from './world.ts';

export interface Pool {
  /** Position among the overrides; names the pool in errors. */
  readonly index: number;
  readonly type: TypeSpec;
  readonly subnet: SubnetState;
  readonly market: Market;
  readonly arch: string;
  readonly wantsEfa: boolean;
  readonly maxPriceE10: number | undefined;
  readonly groupName: string;
  /** Draws on open reservations first, or on one alone. */
  readonly reservations: 'none' | 'first' | string;
}

export interface Room {
  readonly n: number;
  readonly code: string;
  readonly message: string;
}

const NO_LIMIT = Number.MAX_SAFE_INTEGER;

export function priceOf(call: Call, pool: Pool): number {
  const { state } = call.engine;
  return pool.market === 'spot'
    ? spotPriceAt(state, pool.type.type, pool.subnet.az, seconds(state.nowUs))
    : pool.type.od_e10;
}

/** Counts what a plan would start on top of what runs, so that limits shared by pools are kept. */
export class Headroom {
  readonly #call: Call;
  /** Instances that the RunInstances resource bucket still pays for. */
  readonly #paid: number;
  readonly #planned = new Map<string, number>();
  #total = 0;
  readonly #zoneOfGroup = new Map<string, string>();

  constructor(call: Call, paid: number = NO_LIMIT) {
    this.#call = call;
    this.#paid = paid;
  }

  /** The tightest limit; of equal ones the first. */
  room(pool: Pool): Room {
    let tightest = limit(NO_LIMIT, '', '');
    for (const limit of this.#limits(pool)) {
      if (limit.n < tightest.n) {
        tightest = limit;
      }
    }
    return limit(Math.max(0, tightest.n), tightest.code, tightest.message);
  }

  take(pool: Pool, n: number): void {
    this.#plan(poolKey(pool.type.type, pool.subnet.az, pool.market), n);
    this.#plan(pool.subnet.id, n);
    this.#plan(
      pool.market === 'spot' ? 'spot' : 'vcpu',
      n * (pool.market === 'spot' ? 1 : pool.type.vcpu),
    );
    this.#plan(`group ${pool.groupName}`, n);
    this.#plan(`group ${pool.groupName} ${pool.subnet.az}`, n);
    if (n > 0) {
      this.#zoneOfGroup.set(pool.groupName, pool.subnet.az);
    }
    this.#total += n;
  }

  #plan(key: string, n: number): void {
    this.#planned.set(key, this.#of(key) + n);
  }

  #of(key: string): number {
    return this.#planned.get(key) ?? 0;
  }

  #limits(pool: Pool): readonly Room[] {
    return [
      this.#offered(pool),
      this.#priced(pool),
      this.#capacity(pool),
      limit(
        freeAddresses(pool.subnet) - this.#of(pool.subnet.id),
        'InsufficientFreeAddressesInSubnet',
        `There are not enough free addresses in subnet '${pool.subnet.id}'.`,
      ),
      ...this.#quotas(pool),
      ...this.#group(pool),
      limit(this.#paid - this.#total, 'RequestLimitExceeded', 'Request limit exceeded.'),
      limit(
        (this.#call.changes.fulfil ?? NO_LIMIT) - this.#total,
        this.#call.changes.pool_error ?? 'InsufficientInstanceCapacity',
        'Refused by a fault rule.',
      ),
    ];
  }

  #offered(pool: Pool): Room {
    const { type, subnet } = pool;
    const isOffered = type.zones?.includes(subnet.az) ?? true;
    const isFit =
      isOffered &&
      type.usage.includes(pool.market) &&
      type.arch.includes(pool.arch) &&
      (type.efa || !pool.wantsEfa) &&
      this.#suitsGroup(pool);
    return limit(
      isFit ? NO_LIMIT : 0,
      'Unsupported',
      `Your requested instance type (${type.type}) is not supported in your requested Availability Zone (${subnet.az}), purchase option, architecture or network interface.`,
    );
  }

  #suitsGroup(pool: Pool): boolean {
    const group = this.#call.engine.state.groups.get(pool.groupName);
    return group === undefined || pool.type.strategies.includes(group.strategy);
  }

  #priced(pool: Pool): Room {
    const isEnough =
      pool.market !== 'spot' ||
      pool.maxPriceE10 === undefined ||
      pool.maxPriceE10 >= priceOf(this.#call, pool);
    return limit(
      isEnough ? NO_LIMIT : 0,
      'SpotMaxPriceTooLow',
      'Your Spot request price is lower than the minimum required Spot request fulfillment price.',
    );
  }

  #capacity(pool: Pool): Room {
    const reserved = reservedRoom(this.#call, pool);
    const key = poolKey(pool.type.type, pool.subnet.az, pool.market);
    if (pool.reservations !== 'none' && pool.reservations !== 'first') {
      return limit(
        reserved - this.#of(key),
        'ReservationCapacityExceeded',
        'The requested reservation does not have sufficient compatible and available capacity.',
      );
    }
    const { state } = this.#call.engine;
    const free = Math.max(0, capacityOf(this.#call, pool) - (state.used.get(key) ?? 0));
    return limit(
      reserved + free - this.#of(key),
      'InsufficientInstanceCapacity',
      `We currently do not have sufficient ${pool.type.type} capacity in the Availability Zone you requested (${pool.subnet.az}).`,
    );
  }

  #quotas(pool: Pool): readonly Room[] {
    const { world, state } = this.#call.engine;
    const { limits } = world;
    const live = (limits.instances ?? NO_LIMIT) - state.counts.live - this.#total;
    const rooms = [
      limit(
        live,
        'InstanceLimitExceeded',
        'You have requested more instances than your limit allows.',
      ),
    ];
    if (pool.market === 'spot') {
      const spot = (limits.spot_count ?? NO_LIMIT) - state.counts.spot - this.#of('spot');
      rooms.push(limit(spot, 'MaxSpotInstanceCountExceeded', 'Max spot instance count exceeded'));
    } else {
      const vcpu = (limits.vcpu_on_demand ?? NO_LIMIT) - state.counts.vcpu - this.#of('vcpu');
      const n = Math.floor(vcpu / pool.type.vcpu);
      rooms.push(
        limit(n, 'VcpuLimitExceeded', 'You have requested more vCPU capacity than your limit.'),
      );
    }
    return rooms;
  }

  #group(pool: Pool): readonly Room[] {
    const { world, state } = this.#call.engine;
    const group = state.groups.get(pool.groupName);
    if (group === undefined) {
      return [];
    }
    const members = [...state.instances.values()].filter(
      (i) => i.groupName === group.name && stateOf(i) !== 'terminated',
    );
    const message = `Placement group '${group.name}' cannot hold more instances.`;
    if (group.strategy === 'spread') {
      const here = members.filter((i) => i.az === pool.subnet.az).length;
      const planned = this.#of(`group ${group.name} ${pool.subnet.az}`);
      const n = world.groups.spread_per_az - here - planned;
      return [limit(n, 'InsufficientInstanceCapacity', message)];
    }
    if (group.strategy !== 'cluster') {
      return [];
    }
    const zone = members.find(isLive)?.az ?? members[0]?.az ?? this.#zoneOfGroup.get(group.name);
    const cap = world.groups.cluster_capacity[pool.type.type] ?? NO_LIMIT;
    const n =
      (zone ?? pool.subnet.az) === pool.subnet.az
        ? cap - members.length - this.#of(`group ${group.name}`)
        : 0;
    return [limit(n, 'InsufficientInstanceCapacity', message)];
  }
}

function limit(n: number, code: string, message: string): Room {
  return { n, code, message };
}

/** The pool's capacity, or what a fault rule says of it during this call. */
function capacityOf(call: Call, pool: Pool): number {
  const { state, world } = call.engine;
  const rule = call.changes.capacity?.find(
    (change) =>
      (change.type ?? pool.type.type) === pool.type.type &&
      (change.az ?? pool.subnet.az) === pool.subnet.az &&
      (change.market ?? pool.market) === pool.market,
  );
  const key = poolKey(pool.type.type, pool.subnet.az, pool.market);
  return rule?.set ?? state.capacity.get(key) ?? world.default_capacity;
}

function reservedRoom(call: Call, pool: Pool): number {
  return openReservations(call, pool).reduce((sum, open) => sum + open.free, 0);
}

/** Reservations that this pool may draw on, with what is left in them. */
export function openReservations(
  call: Call,
  pool: Pool,
): readonly { readonly id: string; readonly free: number }[] {
  if (pool.reservations === 'none') {
    return [];
  }
  const { world, state } = call.engine;
  return world.capacity_reservations
    .filter(
      (r) =>
        r.type === pool.type.type &&
        r.az === pool.subnet.az &&
        (pool.reservations === 'first' || pool.reservations === r.id),
    )
    .map((r) => ({ id: r.id, free: r.total - (state.reservedUse.get(r.id) ?? 0) }));
}
