// The world file (fake-ec2.md section 2): what exists before the first call. Prices are integers of
// 1e-10 dollar per hour.

export type Market = 'on-demand' | 'spot' | 'capacity-block';

export interface TypeSpec {
  readonly type: string;
  readonly vcpu: number;
  readonly cores: number;
  readonly mib: number;
  readonly arch: readonly string[];
  readonly efa: boolean;
  /** Network cards. */
  readonly cards: number;
  readonly od_e10: number;
  readonly usage: readonly string[];
  readonly strategies: readonly string[];
  /** Zones that offer it; absent: all. */
  readonly zones?: readonly string[];
  readonly interfaces?: number;
  readonly efa_interfaces?: number;
  readonly current?: boolean;
  readonly gpus?: readonly { name: string; manufacturer: string; count: number; mib: number }[];
}

export interface SubnetSpec {
  readonly id: string;
  readonly az: string;
  readonly cidr: string;
  readonly free?: number;
  readonly vpc?: string;
}

export interface PoolSpec {
  readonly type: string;
  readonly az: string;
  readonly market: Market;
  readonly capacity: number;
}

export interface SpotPriceSpec {
  readonly type: string;
  readonly az: string;
  readonly at: string;
  readonly e10: number;
}

/** `data` as in the AWS command line's JSON (`SecurityGroupIds`, `NetworkInterfaces`, …). */
export interface TemplateSpec {
  readonly id: string;
  readonly name: string;
  readonly versions: readonly Readonly<Record<string, unknown>>[];
  readonly default_version?: number;
}

export interface ImageSpec {
  readonly id: string;
  readonly name?: string;
  readonly arch?: string;
  readonly root?: string;
  readonly state?: string;
  /** `kept`: it outlives its instance. */
  readonly volumes?: readonly {
    readonly device: string;
    readonly gib: number;
    readonly kept?: boolean;
  }[];
}

export interface GroupRule {
  readonly protocol: string;
  readonly groups: readonly string[];
}

export interface SecurityGroupSpec {
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly vpc?: string;
  readonly permissions?: readonly GroupRule[];
}

export interface ReservationSpec {
  readonly id: string;
  readonly type: string;
  readonly az: string;
  readonly total: number;
}

export interface BootSpec {
  readonly running: readonly string[] | null;
  readonly gone: readonly string[] | null;
  readonly env: Readonly<Record<string, string>>;
  readonly node_tag: string;
  readonly tag_wait_s: number;
  /** Virtual seconds from `running` (or from the tag) to the start of the command. */
  readonly delay_s: number;
  /** Nodes that never boot: ordinals of launch ("3") or instance ids. */
  readonly fail: readonly (string | number)[];
}

export interface Bucket {
  readonly max: number;
  readonly refill: number;
}

export interface DenyRule {
  readonly action: string;
  readonly where?: Readonly<Record<string, string>>;
}

/** A role that STS hands out temporary keys for. */
export interface RoleSpec {
  readonly arn: string;
  /** Access key of those who have assumed it. */
  readonly key: string;
  /** AssumeRole must name it. */
  readonly external_id?: string;
  /** AssumeRoleWithWebIdentity must bring it; absent: not that way. */
  readonly web_token?: string;
}

export interface World {
  readonly region: string;
  readonly account: string;
  readonly keys: readonly string[];
  /** Secret of a key, used with `check_signature` alone. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly epoch: string;
  readonly clock: { readonly mode: 'real' | 'scaled' | 'manual'; readonly factor?: number };
  readonly zones: readonly { readonly name: string; readonly id: string }[];
  readonly subnets: readonly SubnetSpec[];
  readonly types: readonly TypeSpec[];
  readonly pools: readonly PoolSpec[];
  readonly default_capacity: number;
  readonly spot_prices: readonly SpotPriceSpec[];
  readonly limits: {
    readonly vcpu_on_demand?: number;
    readonly spot_count?: number;
    readonly instances?: number;
  };
  readonly life: {
    readonly pending_s: readonly [number, number];
    readonly shutdown_s: readonly [number, number];
    readonly terminated_visible_s: number;
    readonly invisible_s: number;
    readonly stale_s: number;
    readonly tags_late_s: number;
    readonly status_ok_s: number;
  };
  readonly billing: {
    readonly from: 'launch' | 'running';
    readonly min_s: number;
    readonly spot_first_hour_free: boolean;
    /** Micro-dollars a GiB-month of the volumes that end with their instance; 0: they are not billed. */
    readonly volume_gib_month_micro: number;
  };
  readonly throttle: 'off' | 'real' | `x${string}` | Readonly<Record<string, Bucket>>;
  readonly groups: {
    readonly spread_per_az: number;
    readonly cluster_capacity: Readonly<Record<string, number>>;
  };
  readonly boot: BootSpec | null;
  readonly launch_templates: readonly TemplateSpec[];
  readonly images: readonly ImageSpec[];
  readonly security_groups: readonly SecurityGroupSpec[];
  readonly capacity_reservations: readonly ReservationSpec[];
  readonly roles: readonly RoleSpec[];
  readonly placement_groups: readonly { readonly name: string; readonly strategy: string }[];
  /** Absent: every name is taken. */
  readonly instance_profiles?: readonly string[];
  readonly key_pairs?: readonly string[];
  readonly ignore_params: readonly string[];
  readonly deny: readonly DenyRule[];
  readonly capacity_status: number;
  readonly check_signature: boolean;
  readonly check_skew: boolean;
  readonly token_retention_s: number;
  /** Whether MaxResults counts before the filters (short and empty pages) or after them. */
  readonly paging: 'before-filter' | 'after-filter';
  /** Files of prices/ without `.json`. */
  readonly price_lists: readonly string[];
}

/** What a test writes: every key may be left out. */
export type WorldInput = {
  readonly [K in keyof World]?: World[K] extends readonly unknown[] | string | boolean | number
    ? World[K]
    : Partial<World[K]> | World[K];
};

const ZONES = [
  { name: 'us-east-1a', id: 'use1-az1' },
  { name: 'us-east-1b', id: 'use1-az2' },
];

export const DEFAULT_WORLD: World = {
  region: 'us-east-1',
  account: '111122223333',
  keys: ['FAKE1'],
  secrets: {},
  epoch: '2026-01-01T00:00:00Z',
  clock: { mode: 'real' },
  zones: ZONES,
  subnets: [
    { id: 'subnet-0a11ce00000000001', az: 'us-east-1a', cidr: '10.0.0.0/18' },
    { id: 'subnet-0a11ce00000000002', az: 'us-east-1b', cidr: '10.0.64.0/18' },
  ],
  types: [],
  pools: [],
  default_capacity: 1000,
  spot_prices: [],
  limits: {},
  life: {
    pending_s: [20, 45],
    shutdown_s: [5, 30],
    terminated_visible_s: 3600,
    invisible_s: 0,
    stale_s: 0,
    tags_late_s: 0,
    status_ok_s: 90,
  },
  billing: { from: 'launch', min_s: 60, spot_first_hour_free: true, volume_gib_month_micro: 0 },
  throttle: 'off',
  groups: { spread_per_az: 7, cluster_capacity: {} },
  boot: null,
  launch_templates: [],
  images: [{ id: 'ami-0a11ce00000000001' }],
  security_groups: [{ id: 'sg-0a11ce00000000001' }],
  capacity_reservations: [],
  roles: [],
  placement_groups: [],
  ignore_params: [],
  deny: [],
  capacity_status: 500,
  check_signature: false,
  check_skew: false,
  token_retention_s: 86_400,
  paging: 'after-filter',
  price_lists: ['us-east-1', 'us-west-2'],
};

const DEFAULT_BOOT: BootSpec = {
  running: null,
  gone: null,
  env: {},
  node_tag: 'Name',
  tag_wait_s: 300,
  delay_s: 0,
  fail: [],
};

/** Keys whose value is an object that is completed from the defaults key by key. */
const NESTED = new Set(['limits', 'life', 'billing', 'groups', 'secrets']);
const OPTIONAL = new Set(['instance_profiles', 'key_pairs']);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Completes a world from another (the defaults at start, the present one for POST /world). */
export function completeWorld(raw: unknown, base: World): World {
  if (!isObject(raw)) {
    throw new Error('world: an object is needed');
  }
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(raw)) {
    if (!(key in DEFAULT_WORLD || OPTIONAL.has(key))) {
      throw new Error(`world: unknown key "${key}"`);
    }
    result[key] = completed(key, value, result[key]);
  }
  const world = result as unknown as World;
  checkReferences(world);
  return world;
}

function completed(key: string, value: unknown, base: unknown): unknown {
  if (key === 'boot' && isObject(value)) {
    checkBoot(value);
    return { ...DEFAULT_BOOT, ...(isObject(base) ? base : {}), ...value };
  }
  if (!(NESTED.has(key) && isObject(value) && isObject(base))) {
    return value;
  }
  const known = DEFAULT_WORLD[key as 'life'];
  for (const name of Object.keys(value)) {
    if ((key === 'life' || key === 'billing' || key === 'groups') && !(name in known)) {
      throw new Error(`world: unknown key "${key}.${name}"`);
    }
  }
  return { ...base, ...value };
}

function checkBoot(boot: Record<string, unknown>): void {
  for (const name of Object.keys(boot)) {
    if (!(name in DEFAULT_BOOT)) {
      throw new Error(`world: unknown key "boot.${name}"`);
    }
  }
  for (const name of ['running', 'gone']) {
    const argv = boot[name];
    if (Array.isArray(argv) && !String(argv[0]).startsWith('/')) {
      throw new Error(`world: boot.${name} needs an absolute program`);
    }
  }
}

function checkReferences(world: World): void {
  const zones = new Set(world.zones.map((zone) => zone.name));
  const types = new Set(world.types.map((type) => type.type));
  for (const subnet of world.subnets) {
    need(zones.has(subnet.az), `subnet ${subnet.id} is in the unknown zone ${subnet.az}`);
  }
  for (const row of [...world.pools, ...world.spot_prices]) {
    need(types.has(row.type), `pool or price of the unknown type ${row.type}`);
    need(zones.has(row.az), `pool or price in the unknown zone ${row.az}`);
  }
  for (const type of world.types) {
    need(Number.isSafeInteger(type.od_e10), `od_e10 of ${type.type} is no integer`);
  }
  for (const row of world.spot_prices) {
    need(Number.isSafeInteger(row.e10), `e10 of a spot price of ${row.type} is no integer`);
  }
  need(!Number.isNaN(Date.parse(world.epoch)), `epoch ${world.epoch} is no time`);
  need(
    !world.check_signature || world.keys.every((key) => world.secrets[key] !== undefined),
    'check_signature needs secrets for all keys',
  );
}

function need(holds: boolean, text: string): void {
  if (!holds) {
    throw new Error(`world: ${text}`);
  }
}
