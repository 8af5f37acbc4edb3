import type { Money } from '../money/money.ts';

/** Jobs of one user in one partition that were charged on days of the range. */
export interface JobFacts {
  readonly userName: string;
  readonly partition: string;
  /** Distinct jobs and array tasks. */
  readonly jobs: number;
  readonly spent: Money;
  readonly fa: Money;
  /** Seconds of instances that were paid for, over all nodes; 0 where a cost came without segments. */
  readonly instanceSeconds: number;
}

/** Seconds of an instance on a node that the grant paid for. */
export interface NodeUse {
  readonly node: string;
  readonly seconds: number;
}

/** Means over jobs whose efficiency was told; undefined where none told it. */
export interface Efficiency {
  readonly jobs: number;
  readonly cpu?: number | undefined;
  readonly memory?: number | undefined;
  readonly gpu?: number | undefined;
}

/** Who used the centre: awards are charged by the same prices as everybody else. */
export interface Recovered {
  /** All charges of days of the range. */
  readonly charged: Money;
  /** For segments of instances that ended in the range. */
  readonly forInstances: Money;
  readonly instanceSeconds: number;
}

/** 2 CFR 200.468: charges against costs, of the days of the range. */
export interface RecoveryFacts {
  /** This grant, all grants together, all other budgets. */
  readonly grant: Recovered;
  readonly awards: Recovered;
  readonly others: Recovered;
  /** What the instances cost by their segments that ended in the range. */
  readonly cost: Money;
  /** Of it, what nobody was charged for. */
  readonly unpaid: Money;
  readonly instanceSeconds: number;
}
