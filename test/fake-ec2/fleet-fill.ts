// Which pools of a fleet give how many instances (fake-ec2.md 3.2).
import { Headroom, priceOf, type Room } from './capacity.ts';
import type { Call } from './engine.ts';
import type { Candidate, Part } from './fleet-request.ts';

export interface Given {
  readonly candidate: Candidate;
  n: number;
}

export interface Refused {
  readonly candidate: Candidate;
  readonly room: Room;
}

export interface Filling {
  /** In units of the target: instances × weight. */
  readonly units: number;
  readonly given: readonly Given[];
  readonly refused: readonly Refused[];
}

/** Decides alone; nothing starts here. `paid`: instances the resource bucket still pays for. */
export function fillPart(call: Call, part: Part, paid: number): Filling {
  const fillings = groupsOf(part).map((group) => fillGroup(call, part, group, paid));
  let best: Filling = { units: 0, given: [], refused: [] };
  for (const filling of fillings) {
    if (filling.units > best.units) {
      best = filling;
    }
  }
  const isShort = best.units < Math.max(part.minTarget, Number.MIN_VALUE);
  // Nothing starts: the reasons of every group, each pool once.
  const refused = isShort ? fillings.flatMap((filling) => filling.refused) : best.refused;
  return isShort ? { units: 0, given: [], refused } : best;
}

/** Under SingleAvailabilityZone and SingleInstanceType only the pools of one group are used. */
function groupsOf(part: Part): readonly (readonly Candidate[])[] {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of part.candidates) {
    const { pool } = candidate;
    const key = `${part.isSingleZone ? pool.subnet.az : ''}|${part.isSingleType ? pool.type.type : ''}`;
    groups.set(key, [...(groups.get(key) ?? []), candidate]);
  }
  return [...groups.values()];
}

class Filler {
  readonly #call: Call;
  readonly #headroom: Headroom;
  readonly #target: number;
  readonly #given = new Map<Candidate, number>();
  readonly #refused = new Map<Candidate, Room>();
  units = 0;

  constructor(call: Call, headroom: Headroom, target: number) {
    this.#call = call;
    this.#headroom = headroom;
    this.#target = target;
  }

  get isFull(): boolean {
    return this.units >= this.#target;
  }

  price(candidate: Candidate): number {
    return priceOf(this.#call, candidate.pool) / candidate.weight;
  }

  /** Instances that would fill the rest from this pool. */
  wanted(candidate: Candidate): number {
    return Math.ceil((this.#target - this.units) / candidate.weight);
  }

  room(candidate: Candidate): number {
    return this.#headroom.room(candidate.pool).n;
  }

  /** Takes up to `n`; a pool that cannot give all of it has refused. */
  take(candidate: Candidate, n: number): void {
    const room = this.#headroom.room(candidate.pool);
    const taken = Math.min(n, room.n);
    if (taken > 0) {
      this.#headroom.take(candidate.pool, taken);
      this.#given.set(candidate, (this.#given.get(candidate) ?? 0) + taken);
      this.units += taken * candidate.weight;
    }
    if (taken < n && !this.#refused.has(candidate)) {
      this.#refused.set(candidate, room);
    }
  }

  isRefused(candidate: Candidate): boolean {
    return this.#refused.has(candidate);
  }

  result(): Filling {
    return {
      units: this.units,
      given: [...this.#given].map(([candidate, n]) => ({ candidate, n })),
      refused: [...this.#refused].map(([candidate, room]) => ({ candidate, room })),
    };
  }
}

function fillGroup(call: Call, part: Part, group: readonly Candidate[], paid: number): Filling {
  const filler = new Filler(call, new Headroom(call, paid), part.target);
  if (part.strategy === 'diversified') {
    fillInTurn(filler, group);
  } else if (part.strategy === 'price-capacity-optimized') {
    fillByPriceAndRoom(filler, group);
  } else {
    for (const candidate of ordered(filler, part.strategy, group)) {
      if (!filler.isFull) {
        filler.take(candidate, filler.wanted(candidate));
      }
    }
  }
  return filler.result();
}

function ordered(
  filler: Filler,
  strategy: string,
  group: readonly Candidate[],
): readonly Candidate[] {
  function key(candidate: Candidate): number {
    if (strategy === 'capacity-optimized') {
      return -filler.room(candidate);
    }
    return strategy === 'lowest-price' ? filler.price(candidate) : candidate.priority;
  }
  return [...group]
    .map((candidate) => ({ candidate, key: key(candidate) }))
    .sort((a, b) => a.key - b.key || a.candidate.pool.index - b.candidate.pool.index)
    .map((entry) => entry.candidate);
}

/** One from each pool, round after round. */
function fillInTurn(filler: Filler, group: readonly Candidate[]): void {
  let before = -1;
  while (!filler.isFull && filler.units !== before) {
    before = filler.units;
    for (const candidate of group) {
      if (!(filler.isFull || filler.isRefused(candidate))) {
        filler.take(candidate, 1);
      }
    }
  }
}

/** The cheapest pool that can fill the rest, else the largest, then again. */
function fillByPriceAndRoom(filler: Filler, group: readonly Candidate[]): void {
  let open = [...group];
  while (!filler.isFull && open.length > 0) {
    const able = open.filter((candidate) => filler.room(candidate) >= filler.wanted(candidate));
    const next =
      able.length > 0
        ? ordered(filler, 'lowest-price', able)[0]
        : ordered(filler, 'capacity-optimized', open)[0];
    if (next === undefined) {
      return;
    }
    filler.take(next, filler.wanted(next));
    open = open.filter((candidate) => candidate !== next);
  }
}
