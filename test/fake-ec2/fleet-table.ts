// CreateFleet as a table: (capacities, strategy, flags, target) → (instances by pool, errors).
// Pools are c5.Large, c5.Xlarge, c5.2xlarge in zone a, b, c, e.g. `La=2#1$0.03*8`: capacity 2 (plenty when not
// given), priority 1, cap 0.03, weight 8. Spot prices: La .0330, Lb .0310, Xa .0681, Xb .0700, others 40 % of the list price.
// UnfulfillableCapacity is not written down: it belongs to every row that gets nothing.

export type PoolName = `${'L' | 'X' | '2'}${'a' | 'b' | 'c'}`;

export interface FleetPool {
  readonly name: PoolName;
  readonly capacity: number | undefined;
  readonly priority: number | undefined;
  readonly maxPrice: string | undefined;
  readonly weight: number | undefined;
}

export interface FleetRow {
  readonly name: string;
  readonly market: 'spot' | 'on-demand';
  readonly strategy: string;
  readonly pools: readonly FleetPool[];
  readonly target: number;
  readonly isSingleZone: boolean;
  readonly isSingleType: boolean;
  readonly min: number | undefined;
  /** Instances by pool. */
  readonly gets: Readonly<Record<string, number>>;
  /** `CODE pool`, in order. */
  readonly errors: readonly string[];
}

const STRATEGIES: Readonly<Record<string, string>> = {
  low: 'lowest-price',
  prio: 'prioritized',
  div: 'diversified',
  cap: 'capacity-optimized',
  capprio: 'capacity-optimized-prioritized',
  pcap: 'price-capacity-optimized',
};

const CODES: Readonly<Record<string, string>> = {
  ICE: 'InsufficientInstanceCapacity',
  Addresses: 'InsufficientFreeAddressesInSubnet',
  Cap: 'SpotMaxPriceTooLow',
};

// name | market | strategy | pools | target | flags | gets | errors
const TABLE = `
one pool, enough | od | low | La | 3 | - | La 3 | -
one pool, exactly enough | od | low | La=3 | 3 | - | La 3 | -
one pool, too small | od | low | La=2 | 3 | - | La 2 | ICE La
one pool, empty | od | low | La=0 | 3 | - | - | ICE La
cheapest type first | od | low | Xa La | 3 | - | La 3 | -
equal price: order of the request | od | low | Lb La | 3 | - | Lb 3 | -
cheapest empty, next full: an error beside a complete fill | od | low | La=0 Xa | 3 | - | Xa 3 | ICE La
cheapest gives a part | od | low | La=1 Xa | 3 | - | La 1, Xa 2 | ICE La
two zones share | od | low | La=2 Lb=5 | 4 | - | La 2, Lb 2 | ICE La
all pools give what they have | od | low | La=1 Lb=1 Xa=1 | 5 | - | La 1, Lb 1, Xa 1 | ICE La, ICE Lb, ICE Xa
all pools empty | od | low | La=0 Lb=0 | 2 | - | - | ICE La, ICE Lb
addresses end first | od | low | Lc | 10 | - | Lc 8 | Addresses Lc
addresses of one subnet are shared by its types | od | low | Lc=5 Xc | 10 | - | Lc 5, Xc 3 | ICE Lc, Addresses Xc
a thousand | od | low | La=2000 | 1000 | - | La 1000 | -
prioritized: the list index decides, not the price | od | prio | La#1 Xa#0 | 2 | - | Xa 2 | -
prioritized: falls to the next | od | prio | La#1 Xa=1#0 | 2 | - | Xa 1, La 1 | ICE Xa
prioritized: none given comes last | od | prio | La Xa#7 | 2 | - | Xa 2 | -
prioritized: equal ones in order of the request | od | prio | Xa#1 La#1 | 2 | - | Xa 2 | -
prioritized: fractions | od | prio | La#0.5 Xa#0.4 | 1 | - | Xa 1 | -
spot: cheapest zone | spot | low | La Lb | 2 | - | Lb 2 | -
spot: cheapest zone empty | spot | low | La Lb=0 | 2 | - | La 2 | ICE Lb
spot: cap below the price | spot | low | La$0.0329 | 2 | - | - | Cap La
spot: cap at the price | spot | low | La$0.033 | 2 | - | La 2 | -
spot: cap shuts the cheaper pool | spot | low | Lb$0.01 La | 2 | - | La 2 | Cap Lb
spot: on-demand capacity is another pool | spot | low | Lb | 2 | - | Lb 2 | -
diversified: in turn | spot | div | La Lb Xa | 6 | - | La 2, Lb 2, Xa 2 | -
diversified: the rest goes to the first | spot | div | La Lb Xa | 7 | - | La 3, Lb 2, Xa 2 | -
diversified: one runs dry | spot | div | La=1 Lb | 4 | - | La 1, Lb 3 | ICE La
diversified: all run dry | spot | div | La=1 Lb=1 | 4 | - | La 1, Lb 1 | ICE La, ICE Lb
diversified: fewer than pools | spot | div | La Lb Xa | 2 | - | La 1, Lb 1 | -
cap: largest first | spot | cap | La=5 Xa=50 | 4 | - | Xa 4 | -
cap: largest too small | spot | cap | La=2 Xa=3 | 4 | - | Xa 3, La 1 | ICE Xa
cap: equal rooms in order | spot | cap | Xa=4 La=4 | 4 | - | Xa 4 | -
cap: room counts addresses | spot | cap | Lc=100 La=9 | 4 | - | La 4 | -
capprio: by priority | spot | capprio | La=50#2 Xa=5#1 | 4 | - | Xa 4 | -
capprio: next when dry | spot | capprio | La#2 Xa=3#1 | 4 | - | Xa 3, La 1 | ICE Xa
pcap: cheapest of those able | spot | pcap | Xa La Lb=2 | 4 | - | La 4 | -
pcap: all able: the cheapest | spot | pcap | Xa La Lb | 4 | - | Lb 4 | -
pcap: none able: the largest, then who can fill the rest | spot | pcap | Xa=3 La=2 Lb=1 | 4 | - | Xa 3, Lb 1 | ICE Xa
pcap: not enough anywhere | spot | pcap | La=2 Lb=1 | 4 | - | La 2, Lb 1 | ICE La, ICE Lb
pcap: an empty pool beside able ones is not tried | spot | pcap | La Lb=0 | 2 | - | La 2 | -
single zone: the one that fills most | od | low | La=2 Lb=3 | 4 | zone | Lb 3 | ICE Lb
single zone: both fill: the first | od | low | Lb La | 4 | zone | Lb 4 | -
single zone: types of one zone add up | od | low | La=2 Xa=2 Lb=3 | 4 | zone | La 2, Xa 2 | ICE La
single zone: nothing anywhere | od | low | La=0 Lb=0 | 4 | zone | - | ICE La, ICE Lb
single type: the one that fills most | od | low | La=1 Lb=1 Xa=3 | 4 | type | Xa 3 | ICE Xa
single type: over two zones | od | low | La=2 Lb=2 Xa=3 | 4 | type | La 2, Lb 2 | ICE La
single type and zone | od | low | La=3 Lb=3 Xa=3 Xb=4 | 4 | zone type | Xb 4 | -
single type and zone: short | od | low | La=2 Xb=3 | 4 | zone type | Xb 3 | ICE Xb
minimum met exactly | od | low | La=4 | 4 | zone min 4 | La 4 | -
minimum below the target: a part may stand | od | low | La=3 | 4 | zone min 3 | La 3 | ICE La
minimum unmet by one: nothing | od | low | La=3 | 4 | zone min 4 | - | ICE La
minimum unmet in each zone, met by both together: nothing | od | low | La=3 Lb=3 | 4 | zone min 4 | - | ICE La, ICE Lb
minimum met in the second zone | od | low | La=3 Lb=4 | 4 | zone min 4 | Lb 4 | -
minimum met by two types of one zone | od | low | La=2 Xa=2 | 4 | zone min 4 | La 2, Xa 2 | ICE La
minimum with single type: two types do not add up | od | low | La=2 Xa=2 | 4 | zone type min 4 | - | ICE La, ICE Xa
minimum: 16 of 16 | od | low | 2a=15 2b=16 | 16 | zone type min 16 | 2b 16 | -
minimum: 15 of 16 | od | low | 2a=15 2b=15 | 16 | zone type min 16 | - | ICE 2a, ICE 2b
minimum: spot too | spot | pcap | La=2 Lb=2 | 3 | zone min 3 | - | ICE La, ICE Lb
minimum: addresses count | od | low | Lc | 9 | zone min 9 | - | Addresses Lc
minimum: cap too low in one zone, met in the other | spot | low | La Lb$0.01 | 2 | zone min 2 | La 2 | -
weights: units, not instances | od | low | Xa*2 | 4 | - | Xa 2 | -
weights: rounded up | od | low | Xa*2 | 5 | - | Xa 3 | -
weights: cheapest by unit | od | low | La*1 2a*8 | 8 | - | 2a 1 | -
`;

const POOL = /^(..)(?:=(\d+))?(?:#([\d.]+))?(?:\$([\d.]+))?(?:\*(\d+))?$/;
const MIN = /min (\d+)/;

export const FLEET_TABLE: readonly FleetRow[] = TABLE.trim().split('\n').map(parseRow);

function parseRow(line: string): FleetRow {
  const [name = '', market, strategy = '', pools = '', target, flags = '', gets = '', errors = ''] =
    line.split(' | ');
  const min = MIN.exec(flags)?.[1];
  return {
    name,
    market: market === 'spot' ? 'spot' : 'on-demand',
    strategy: STRATEGIES[strategy] ?? strategy,
    pools: pools.split(' ').map(parsePool),
    target: Number(target),
    isSingleZone: flags.includes('zone'),
    isSingleType: flags.includes('type'),
    min: min === undefined ? undefined : Number(min),
    gets: Object.fromEntries(words(gets).map(([pool = '', n]) => [pool, Number(n)])),
    errors: words(errors).map(([code = '', pool]) => `${CODES[code]} ${pool}`),
  };
}

function words(cell: string): readonly (readonly string[])[] {
  return cell === '-' ? [] : cell.split(', ').map((part) => part.split(' '));
}

function parsePool(text: string): FleetPool {
  const [, name, capacity, priority, maxPrice, weight] = POOL.exec(text) ?? [];
  return {
    name: name as PoolName,
    capacity: capacity === undefined ? undefined : Number(capacity),
    priority: priority === undefined ? undefined : Number(priority),
    maxPrice,
    weight: weight === undefined ? undefined : Number(weight),
  };
}
