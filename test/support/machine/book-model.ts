// The books as a child would keep them: lists of what was funded, held and spent, everything else
// added up anew each time. An oracle for core/ledger that shares no code with it.

export interface ModelHold {
  readonly token: string;
  account: string;
  budget: number;
  partition: string;
  amount: bigint;
  tasks: number;
  state: 'open' | 'charged' | 'released' | 'expired' | 'split';
  isBound: boolean;
  expiresS: number;
  /** What it was charged, adjusts included; undefined: never. */
  charged: bigint | undefined;
}

interface ModelAccount {
  readonly name: string;
  parent: string | undefined;
  isActive: boolean;
  readonly funded: bigint[];
  readonly limits: Map<string, bigint>;
}

interface Spending {
  readonly account: string;
  readonly budget: number;
  readonly partition: string;
  readonly amount: bigint;
}

function total(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}

export class BookModel {
  readonly accounts = new Map<string, ModelAccount>();
  readonly holds: ModelHold[] = [];
  readonly spendings: Spending[] = [];

  add(name: string, funded: readonly bigint[], parent?: string): void {
    this.accounts.set(name, {
      name,
      parent,
      isActive: true,
      funded: [...funded],
      limits: new Map(),
    });
  }

  account(name: string): ModelAccount {
    const found = this.accounts.get(name);
    if (found === undefined) {
      throw new Error(`no account ${name}`);
    }
    return found;
  }

  #held(account: string, budget?: number): bigint {
    return total(
      this.holds
        .filter((hold) => hold.state === 'open' && hold.account === account)
        .filter((hold) => budget === undefined || hold.budget === budget)
        .map(({ amount }) => amount),
    );
  }

  #spent(account: string, budget?: number): bigint {
    return total(
      this.spendings
        .filter((spending) => spending.account === account)
        .filter((spending) => budget === undefined || spending.budget === budget)
        .map(({ amount }) => amount),
    );
  }

  free(account: string, budget: number): bigint {
    const funded = this.account(account).funded[budget] ?? 0n;
    return funded - this.#held(account, budget) - this.#spent(account, budget);
  }

  /** Held and spent by the account and everybody below it. */
  committed(account: string): bigint {
    const children = [...this.accounts.values()].filter(({ parent }) => parent === account);
    const below = total(children.map(({ name }) => this.committed(name)));
    return this.#held(account) + this.#spent(account) + below;
  }

  available(account: string): bigint {
    return total(this.account(account).funded) - this.committed(account);
  }

  used(account: string): bigint {
    const children = [...this.accounts.values()].filter(({ parent }) => parent === account);
    return this.#spent(account) + total(children.map(({ name }) => this.used(name)));
  }

  partitionUse(account: string, partition: string): bigint {
    const held = this.holds.filter(
      (hold) => hold.state === 'open' && hold.account === account && hold.partition === partition,
    );
    const spent = this.spendings.filter(
      (spending) => spending.account === account && spending.partition === partition,
    );
    return total([...held, ...spent].map(({ amount }) => amount));
  }

  /** The account, its parent, and so on. */
  chain(account: string): readonly string[] {
    const { parent } = this.account(account);
    return [account, ...(parent === undefined ? [] : this.chain(parent))];
  }

  /** The first budget that has it. */
  budgetFor(account: string, amount: bigint): number | undefined {
    const found = this.account(account).funded.findIndex(
      (_, budget) => this.free(account, budget) >= amount,
    );
    return found === -1 ? undefined : found;
  }

  /** Who of the chain has less available than `amount`, not counting what `known` have of it already. */
  short(account: string, amount: bigint, known: readonly string[] = [], has = 0n): boolean {
    return this.chain(account).some((name) => {
      const more = known.includes(name) ? amount - has : amount;
      return more > 0n && more > this.available(name);
    });
  }

  overLimit(account: string, partitions: readonly string[], amount: bigint): boolean {
    const { limits } = this.account(account);
    return partitions.some((partition) => {
      const limit = limits.get(partition);
      return limit !== undefined && this.partitionUse(account, partition) + amount > limit;
    });
  }

  /** What a new hold is answered: undefined admits it. */
  refusal(account: string, partitions: readonly string[], amount: bigint): string | undefined {
    if (!this.account(account).isActive) {
      return 'ACCOUNT_INACTIVE';
    }
    if (this.budgetFor(account, amount) === undefined || this.short(account, amount)) {
      return 'INSUFFICIENT_BUDGET';
    }
    return this.overLimit(account, partitions, amount) ? 'PARTITION_LIMIT_EXCEEDED' : undefined;
  }

  /** What a hold that grows by `more` is answered. */
  growth(hold: ModelHold, more: bigint, partitions: readonly string[]): string | undefined {
    if (more <= 0n) {
      return undefined;
    }
    if (!this.account(hold.account).isActive) {
      return 'ACCOUNT_INACTIVE';
    }
    if (this.free(hold.account, hold.budget) < more || this.short(hold.account, more)) {
      return 'INSUFFICIENT_BUDGET';
    }
    return this.overLimit(hold.account, partitions, more) ? 'PARTITION_LIMIT_EXCEEDED' : undefined;
  }

  spend(hold: Pick<ModelHold, 'account' | 'budget' | 'partition'>, amount: bigint): void {
    const { account, budget, partition } = hold;
    this.spendings.push({ account, budget, partition, amount });
  }
}
