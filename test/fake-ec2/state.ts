// Everything that changes while the fake runs, as plain data: it can be written and read back.
import type { Event } from './clock.ts';
import { newStreams, type Streams } from './random.ts';
import { parseIso, SECOND_US, seconds } from './time.ts';
import type { Volume } from './volumes.ts';
import type { Market, SubnetSpec, TypeSpec, World } from './world.ts';

export type InstanceState =
  | 'pending'
  | 'running'
  | 'shutting-down'
  | 'terminated'
  | 'stopping'
  | 'stopped';

export const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

/** How an instance looked from `atUs` on; what Describe shows, perhaps late. */
export interface Look {
  readonly atUs: number;
  readonly state: InstanceState;
  /** stateReason */
  readonly code: string;
  readonly message: string;
  /** StateTransitionReason */
  readonly reason: string;
}

export interface Nic {
  readonly id: string;
  readonly device: number;
  readonly card: number;
  readonly type: string;
}

export interface Instance {
  readonly id: string;
  /** 1, 2, 3, … in order of creation. */
  readonly ordinal: number;
  readonly launchIndex: number;
  readonly reservationId: string;
  readonly fleetId: string;
  readonly type: string;
  readonly az: string;
  readonly subnetId: string;
  readonly imageId: string;
  readonly ip: string;
  readonly nics: readonly Nic[];
  readonly volumes: readonly Volume[];
  readonly arch: string;
  readonly market: Market;
  readonly spotRequestId: string;
  readonly clientToken: string;
  readonly groupName: string;
  readonly tenancy: string;
  readonly capacityReservationId: string;
  readonly profile: string;
  readonly keyName: string;
  readonly securityGroups: readonly string[];
  readonly onShutdown: 'terminate' | 'stop';
  readonly launchUs: number;
  readonly visibleUs: number;
  readonly staleUs: number;
  readonly tagsLateUs: number;
  readonly tags: Map<string, string>;
  /** Tags that Describe does not show yet; `before` is what it shows instead. */
  lateTags: {
    readonly key: string;
    readonly before: string | undefined;
    readonly untilUs: number;
  }[];
  looks: Look[];
  runningUs: number | undefined;
  /** Left pending or running for good: start of shutting-down, of stopping, or launch failure. */
  endUs: number | undefined;
  endCause: string;
  terminatedUs: number | undefined;
  endedPending: boolean;
  isProtected: boolean;
  noticeUs: number | undefined;
  /** When an announced interruption takes the instance. */
  takenUs: number | undefined;
  rebalanceUs: number | undefined;
  impairedUs: number | undefined;
  scheduled: readonly { id: string; code: string; description: string; notBeforeUs: number }[];
  boot: 'no' | 'waiting' | 'delayed' | 'started' | 'dead';
  /** The node name its boot program was given. */
  node: string;
  /** Scheduled events that lose their point when the instance leaves its state. */
  due: number[];
}

export interface SpotRequest {
  readonly id: string;
  readonly instanceId: string;
  readonly createdUs: number;
  code: string;
  updatedUs: number;
}

export interface SubnetState {
  readonly id: string;
  readonly az: string;
  readonly cidr: string;
  readonly vpc: string;
  /** First address handed out and number of them. */
  readonly base: number;
  readonly size: number;
  next: number;
  readonly used: Map<string, string>;
}

export interface TemplateVersion {
  readonly version: number;
  readonly createdUs: number;
  readonly description: string;
  /** Wire names without the prefix `LaunchTemplateData.`. */
  readonly data: Map<string, string>;
}

export interface Template {
  readonly id: string;
  readonly name: string;
  readonly createdUs: number;
  defaultVersion: number;
  readonly versions: TemplateVersion[];
  readonly tags: Map<string, string>;
}

export interface PlacementGroup {
  readonly name: string;
  readonly id: string;
  readonly strategy: string;
  readonly partitions: number;
  readonly tags: Map<string, string>;
}

export interface Fleet {
  readonly id: string;
  readonly tags: Map<string, string>;
}

export interface SpotPrice {
  readonly atS: number;
  readonly e10: number;
}

export interface Remembered {
  readonly hash: string;
  readonly atUs: number;
  readonly instances: readonly string[];
  /** The answer as it was, or what is needed to draw it anew. */
  readonly answer: unknown;
}

export interface State {
  nowUs: number;
  readonly epochUs: number;
  readonly streams: Streams;
  nextOrdinal: number;
  nextEvent: number;
  readonly events: Map<number, Event>;
  readonly instances: Map<string, Instance>;
  readonly spotRequests: Map<string, SpotRequest>;
  readonly subnets: Map<string, SubnetState>;
  /** By `type|az|market`; a pool that is not here has the default capacity. */
  readonly capacity: Map<string, number>;
  readonly used: Map<string, number>;
  readonly reservedUse: Map<string, number>;
  readonly spotPrices: Map<string, SpotPrice[]>;
  readonly templates: Map<string, Template>;
  readonly groups: Map<string, PlacementGroup>;
  readonly fleets: Map<string, Fleet>;
  readonly tokens: Map<string, Remembered>;
  readonly buckets: Map<string, { tokens: number; atUs: number }>;
  counts: { vcpu: number; spot: number; live: number };
}

const DAY_US = 86_400 * SECOND_US;

export function poolKey(type: string, az: string, market: string): string {
  return `${type}|${az}|${market}`;
}

export function newState(world: World, seed: number, nowUs: number): State {
  const state: State = {
    nowUs,
    epochUs: nowUs,
    streams: newStreams(seed),
    nextOrdinal: 1,
    nextEvent: 1,
    events: new Map(),
    instances: new Map(),
    spotRequests: new Map(),
    subnets: new Map(),
    capacity: new Map(),
    used: new Map(),
    reservedUse: new Map(),
    spotPrices: new Map(),
    templates: new Map(),
    groups: new Map(),
    fleets: new Map(),
    tokens: new Map(),
    buckets: new Map(),
    counts: { vcpu: 0, spot: 0, live: 0 },
  };
  settle(state, world);
  return state;
}

/** Brings the declared things of a world into the state; what exists already stays. */
export function settle(state: State, world: World): void {
  for (const spec of world.subnets) {
    if (!state.subnets.has(spec.id)) {
      state.subnets.set(spec.id, subnetState(spec));
    }
  }
  for (const pool of world.pools) {
    state.capacity.set(poolKey(pool.type, pool.az, pool.market), pool.capacity);
  }
  for (const type of world.types) {
    settlePrices(state, world, type);
  }
}

function settlePrices(state: State, world: World, type: TypeSpec): void {
  if (!type.usage.includes('spot')) {
    return;
  }
  for (const zone of world.zones) {
    const key = poolKey(type.type, zone.name, 'spot');
    const rows = world.spot_prices
      .filter((row) => row.type === type.type && row.az === zone.name)
      .map((row) => ({ atS: seconds(parseIso(row.at) ?? 0), e10: row.e10 }))
      .sort((a, b) => a.atS - b.atS);
    const startS = seconds(state.epochUs - DAY_US);
    // A pool without a price costs 40 % of the list price; one whose first price comes later than
    // the start had that price before.
    const first = rows[0] ?? { atS: startS, e10: Math.floor((type.od_e10 * 2) / 5 / 1e6) * 1e6 };
    if (first.atS > startS) {
      rows.unshift({ atS: startS, e10: first.e10 });
    }
    state.spotPrices.set(key, rows.length === 0 ? [first] : rows);
  }
}

function subnetState(spec: SubnetSpec): SubnetState {
  const { id, az, cidr, free, vpc = 'vpc-0a11ce00000000001' } = spec;
  const [address = '', bits = '24'] = cidr.split('/');
  const network = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  // EC2 keeps the first four addresses and the last.
  const usable = 2 ** (32 - Number(bits)) - 5;
  const size = Math.min(free ?? usable, usable);
  return { id, az, cidr, vpc, base: network + 4, size, next: 0, used: new Map() };
}

export function freeAddresses(subnet: SubnetState): number {
  return subnet.size - subnet.used.size;
}

/** The price in force at `atS`. */
export function spotPriceAt(state: State, type: string, az: string, atS: number): number {
  const rows = state.spotPrices.get(poolKey(type, az, 'spot')) ?? [];
  return (rows.findLast((row) => row.atS <= atS) ?? rows[0])?.e10 ?? 0;
}

/** How a Map is written in JSON. */
const MAP = '$map';

export function freeze(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item instanceof Map ? { [MAP]: [...item.entries()] } : item,
  );
}

export function thaw(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && MAP in item
      ? new Map(item[MAP] as readonly [unknown, unknown][])
      : item,
  );
}
