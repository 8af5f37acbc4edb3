import fc from 'fast-check';

// Random operations on holds and accounts; who is meant is told by a number, so that shrinking works.

export const PARTITIONS = ['aws', 'gpu'] as const;

const index = fc.nat(1000);
const money = fc.oneof(
  fc.bigInt(0n, 60_000_000n),
  fc.bigInt(0n, 400_000_000n),
  fc.constantFrom(0n, 1n, 100_000_000n, 250_000_000n),
);
const partition = fc.constantFrom(...PARTITIONS);

export const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant('place'),
      account: index,
      task: money,
      tasks: fc.integer({ min: 1, max: 4 }),
      partition,
      both: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('extend'), hold: index, task: money }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('partition'),
      hold: index,
      partition,
      fact: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('account'),
      hold: index,
      account: index,
      task: fc.option(money, { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('bind'), hold: index }) },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('split'),
      hold: index,
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('release'), hold: index }) },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('expire'), hold: index, wait: fc.boolean() }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant('charge'),
      hold: index,
      cost: money,
      amend: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('late'), account: index, cost: money }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('deposit'), account: index, amount: money }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('budget'),
      account: index,
      limit: money,
      force: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('limit'), account: index, partition, limit: money }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('status'), account: index }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('parent'),
      account: index,
      parent: fc.option(index, { nil: undefined }),
      force: fc.boolean(),
    }),
  },
);

export type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;
