import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { assert } from '../../src/core/errors.ts';
import { clockSite, enter, type GrantSite, run } from './grant-site.ts';
import { ACTS, DAY_S, dayOf, NUMBER } from './random-acts.ts';
import { Figures, recounted, reported } from './recount.ts';

// A grant with everything that may befall it, at random. Each line of its reports is what the postings
// add up to, and a report as of an earlier moment stays what it was.

const STEPS = Number(process.env['ASBB_TEST_STEPS'] ?? 16);
const SEEDS = (process.env['ASBB_TEST_SEEDS'] ?? '1,2').split(',').map(Number);
const HALF_CENT = 0.005_001;

let site: GrantSite | undefined;
afterEach(() => site?.close());

function chance(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) % 2_147_483_648;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

async function begin(basis: string): Promise<GrantSite> {
  const made = clockSite();
  made.goTo('2025-01-02');
  await made.ok('ledger', 'migrate');
  await made.ok(
    ...['grant', 'create', '--number', NUMBER, '--agency', 'DOE', '--pi', 'B. Ob'],
    ...['--institution', 'U', '--amount', '90000', '--start', '2025-01-01', '--end', '2026-12-31'],
    ...['--indirect', '0.3333', '--rate-type', 'provisional', '--mtdc-cap', '2500'],
    ...['--cost-share', '5000', '--report-frequency', 'quarterly', '--accounting', basis],
  );
  const days = ['--start', '2025-01-01', '--end', '2026-12-31'];
  for (const [name, share, basisOf] of [
    ['whole', '1', 'direct'],
    ['shared', '0.7', 'direct'],
    ['bearing', '0.85', 'total'],
  ] as const) {
    await made.ok(
      ...['account', 'create', '--account', name, '--name', name, ...days],
      ...['--budget', '15000', '--federal-share', share],
      ...['--grant', NUMBER, '--basis', basisOf],
    );
  }
  return made;
}

async function financial(on: GrantSite, end: string): Promise<Figures> {
  const args = ['--end', end, '--include-details', '--explain', '--json'];
  return Figures.parse(JSON.parse(await on.ok('grant', 'report', NUMBER, ...args)));
}

/** Lines 10 and 11 under the names of --explain. */
function linesOf({ sf425, indirect }: Figures): Readonly<Record<string, number>> {
  const rows = indirect
    .slice(0, -1)
    .flatMap(({ base, amount }, at) => [
      [`11.${at + 1} base`, base] as const,
      [`11.${at + 1} charged`, amount] as const,
    ]);
  return { ...sf425, ...Object.fromEntries(rows) };
}

/** What --explain lists for each line. */
function explainedSums({ explain }: Figures): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { line, amount } of explain) {
    sums[line] = (sums[line] ?? 0) + amount;
  }
  return sums;
}

/** Lines that are not what they should be. */
function differing(
  actual: Readonly<Record<string, number>>,
  expected: Readonly<Record<string, number>>,
): readonly string[] {
  return Object.entries(actual)
    .filter(([name, amount]) => Math.abs((expected[name] ?? 0) - amount) > HALF_CENT)
    .map(([name, amount]) => `${name}: ${amount}, not ${expected[name]}`);
}

/** What sums of spans say, beside what single days and every charge say. */
async function pathsDiffer(on: GrantSite, end: string, exact: Figures): Promise<readonly string[]> {
  const summed = Figures.partial().parse(
    JSON.parse(await on.ok('grant', 'report', NUMBER, '--end', end, '--json')),
  );
  return Object.entries(summed)
    .filter(([name, part]) => name !== 'footer' && !isDeepStrictEqual(part, exact[name]))
    .map(([name, part]) => `${name}: ${JSON.stringify(part)}, not ${JSON.stringify(exact[name])}`);
}

/** What a report to that day says and the postings do not. */
async function wrong(on: GrantSite, end: string): Promise<readonly string[]> {
  if (end < '2025-01-01') {
    return [];
  }
  const figures = await financial(on, end);
  return [
    ...(await pathsDiffer(on, end, figures)),
    ...differing(reported(figures), recounted(on, NUMBER, end)),
    ...differing(linesOf(figures), explainedSums(figures)),
  ].map((text) => `to ${end}: ${text}`);
}

const Parts = z.looseObject({
  users: z
    .array(z.looseObject({ user: z.string(), direct: z.number(), indirect: z.number() }))
    .optional(),
  partitions: z.array(z.looseObject({ direct: z.number(), indirect: z.number() })).optional(),
  burn_down: z.array(z.looseObject({ spent: z.number(), cumulative: z.number() })).optional(),
  periods: z.array(z.looseObject({ spent: z.number() })).optional(),
  recovery_users: z.array(z.looseObject({ who: z.string(), charged: z.number() })).optional(),
});

async function partsOf(on: GrantSite, type: string, end: string): Promise<z.infer<typeof Parts>> {
  const range = ['--start', '2024-01-01', '--end', end];
  return Parts.parse(
    JSON.parse(await on.ok('grant', 'report', NUMBER, '--type', type, ...range, '--json')),
  );
}

/** Other reports of the same days against the same sums. */
async function others(on: GrantSite, end: string): Promise<Readonly<Record<string, number>>> {
  function both(rows: readonly { readonly direct: number; readonly indirect: number }[] = []) {
    return rows.reduce((sum, { direct, indirect }) => sum + direct + indirect, 0);
  }
  const users = await partsOf(on, 'by-user', end);
  return {
    nameless: users.users?.filter(({ user }) => user === '-').length ?? 0,
    users: both(users.users),
    partitions: both((await partsOf(on, 'by-partition', end)).partitions),
    'technical users': both((await partsOf(on, 'technical', end)).users),
    'burn-down': (await partsOf(on, 'burn-down', end)).burn_down?.at(-1)?.cumulative ?? 0,
    periods: ((await partsOf(on, 'by-period', end)).periods ?? []).reduce(
      (sum, { spent }) => sum + spent,
      0,
    ),
    recovery:
      (await partsOf(on, 'rate-recovery', end)).recovery_users?.find(
        ({ who }) => who === 'this grant',
      )?.charged ?? 0,
  };
}

const Burn = z.looseObject({
  current_metrics: z.looseObject({
    daily_spend_rate: z.number(),
    cumulative_spend: z.number(),
    cumulative_expected: z.number(),
    budget_remaining_amount: z.number(),
    time_remaining_days: z.number(),
  }),
});
const Metrics = z.looseObject({
  burn_rate: z.array(z.looseObject({ metric: z.string(), value: z.string() })),
});

/** The annual report's burn rate is that of the command. */
async function sameBurn(on: GrantSite): Promise<void> {
  const { current_metrics: now } = Burn.parse(await on.json('burn-rate', NUMBER));
  const { burn_rate: told } = Metrics.parse(
    await on.json('grant', 'report', NUMBER, '--type', 'annual'),
  );
  const metrics = new Map(
    told.map(({ metric, value }) => [metric, Number(value.replace('$', ''))]),
  );
  assert(
    differing(
      {
        spend: metrics.get('daily_spend_rate') ?? 0,
        cumulative: metrics.get('cumulative_spend') ?? 0,
        expected: metrics.get('cumulative_expected') ?? 0,
        remaining: metrics.get('budget_remaining') ?? 0,
        days: metrics.get('time_remaining_days') ?? 0,
      },
      {
        spend: now.daily_spend_rate,
        cumulative: now.cumulative_spend,
        expected: now.cumulative_expected,
        remaining: now.budget_remaining_amount,
        days: now.time_remaining_days,
      },
    ).length === 0,
    `the annual report has ${JSON.stringify(told)}, burn-rate ${JSON.stringify(now)}`,
  );
}

const TYPES = [
  ...['financial', 'technical', 'compliance', 'annual', 'burn-down'],
  ...['by-period', 'by-user', 'by-partition', 'rate-recovery'],
];

/** Every report as the books stood at that moment. */
async function allAt(on: GrantSite, asOf: string): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const type of TYPES) {
    const args = ['--type', type, '--as-of', asOf, '--end', asOf.slice(0, 10), '--explain'];
    texts.push(await on.ok('grant', 'report', NUMBER, ...args, '--json'));
  }
  return texts;
}

/** Corrections by hand are of no user, and so is what a final rate corrects. */
function hasManual(on: GrantSite, end: string): boolean {
  return (
    on.raw(
      `SELECT 1 FROM txn WHERE kind='adjust' AND hold_id IS NULL AND day<=${end.replaceAll('-', '')}`,
    ).length > 0
  );
}

describe('a final rate', () => {
  it('is shared with the recipient as the charge was', async () => {
    site = await begin('accrual');
    const rest = { day: '2025-03-01', token: 'a', user: 'ada', partition: 'aws', hold: '1000' };
    await run(site, { ...rest, account: 'shared', cost: '1000' });
    site.goTo('2025-04-02');
    await enter(site, NUMBER, {
      ...{ day: '2025-03-01', kind: 'expenditure', category: 'supplies', amount: '100' },
    });
    const final = ['--rate', '0.5', '--type', 'final', '--reference', 'letter'];
    await site.ok('grant', 'rate', NUMBER, ...final);
    // Of 500 F&A on the job 350 are federal, 50 of the supplies are; 700 and 100 direct.
    const { sf425, indirect, explain } = await financial(site, '2025-04-02');
    expect(sf425).toMatchObject({ '10e': 1200, '10j': 450 });
    expect(indirect.at(-1)).toMatchObject({ base: 1100, amount: 550, federal_share: 400 });
    const listed = explain.filter(({ line }) => line === '10e').map(({ amount }) => amount);
    expect(listed).toEqual([933.31, 133.33, 16.67, 116.69]);
    // Before it was known nothing of it counts: not of the job, not of the supplies.
    const before = await financial(site, '2025-04-01');
    expect(before.sf425).toMatchObject({ '10e': 1066.64, '10j': 399.99 });
  });
});

describe('reports counted again from the postings', () => {
  it.each(SEEDS)('agree (seed %d)', async (seed) => {
    const below = chance(seed);
    site = await begin(seed % 2 === 0 ? 'cash' : 'accrual');
    const charged: string[] = [];
    const open: string[] = [];
    const names = Object.keys(ACTS);
    const done: string[] = [];
    let kept: { readonly asOf: string; readonly texts: readonly string[] } | undefined;
    let nowS = Date.parse('2025-01-05T12:00:00Z') / 1000;
    for (let step = 0; step < STEPS; step += 1) {
      nowS += (1 + below(30)) * DAY_S;
      const day = dayOf(nowS);
      site.goTo(day);
      const name = names[below(names.length)] ?? 'job';
      done.push(`${day} ${name}`);
      await ACTS[name]?.({ site, below, day, step, charged, open });
      if (step === Math.floor(STEPS / 2)) {
        const asOf = `${day}T12:00:00Z`;
        await site.asbb('alerts', 'check');
        kept = { asOf, texts: await allAt(site, asOf) };
        site.forward(1);
      }
      const about = `after ${done.join(', ')}`;
      expect(await wrong(site, day), about).toEqual([]);
      expect(await wrong(site, dayOf(nowS - 20 * DAY_S)), about).toEqual([]);
    }
    const end = dayOf(nowS);
    const truth = recounted(site, NUMBER, end);
    const { compute = 0, 'compute fa': fa = 0, all = 0 } = truth;
    expect(
      differing(await others(site, end), {
        nameless: hasManual(site, end) ? 1 : 0,
        users: compute + fa,
        partitions: compute + fa,
        'technical users': compute + fa,
        'burn-down': all,
        periods: all,
        recovery: compute,
      }),
    ).toEqual([]);
    await sameBurn(site);
    await site.asbb('alerts', 'check');
    expect(kept && (await allAt(site, kept.asOf))).toEqual(kept?.texts);
    await site.ok('ledger', 'verify');
  });
});
