import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { tryCharge } from '../support/policy.ts';
import { clockSite, enter, type GrantSite, run } from './grant-site.ts';

// Whatever is done to a grant, in any order: every line adds up from what --explain lists, indirect cost
// is in 10e what it is in 11, and a report as of an earlier moment stays what it was.

const NUMBER = 'NIH-R01-7';
const STEPS = 14;
const DAY = 86_400;
const SEEDS = [1, 2, 3];
const HALF_CENT = 0.005_001;

const Report = z.looseObject({
  sf425: z.record(z.string(), z.number()),
  indirect: z.array(
    z.looseObject({ type: z.string(), amount: z.number(), federal_share: z.number() }),
  ),
  mtdc: z.array(z.looseObject({ direct: z.number() })),
  explain: z.array(
    z.looseObject({ line: z.string(), source: z.string(), id: z.string(), amount: z.number() }),
  ),
  warnings: z.array(z.string()),
});

let site: GrantSite | undefined;
afterEach(() => site?.close());

/** A little generator of its own: the same days each time. */
function chance(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

async function begin(): Promise<GrantSite> {
  const made = clockSite();
  made.goTo('2025-01-02');
  await made.ok('ledger', 'migrate');
  await made.ok(
    ...[
      'grant',
      'create',
      '--number',
      NUMBER,
      '--agency',
      'NIH',
      '--pi',
      'B. Ob',
      '--institution',
      'U',
    ],
    ...[
      '--amount',
      '100000',
      '--start',
      '2025-01-01',
      '--end',
      '2025-12-31',
      '--indirect',
      '0.3333',
    ],
    ...['--cost-share', '5000', '--report-frequency', 'quarterly'],
  );
  const year = ['--start', '2025-01-01', '--end', '2026-12-31'];
  for (const [name, share] of [
    ['whole', '1'],
    ['shared', '0.7'],
  ] as const) {
    await made.ok(
      ...['account', 'create', '--account', name, '--name', name, '--budget', '20000', ...year],
      ...['--federal-share', share],
    );
    await made.ok('grant', 'link', NUMBER, name);
  }
  return made;
}

interface Play {
  readonly site: GrantSite;
  readonly below: (most: number) => number;
  readonly day: string;
  readonly step: number;
  readonly charged: string[];
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

async function job({ site: on, below, day, step, charged }: Play): Promise<void> {
  const token = LETTERS[step] ?? 'z';
  const isPending = below(4) === 0;
  const cost = isPending ? {} : { cost: `${below(900)}.00${below(10)}001` };
  const account = below(2) === 0 ? 'whole' : 'shared';
  await run(on, { day, account, token, user: 'ada', partition: 'aws', hold: '1000', ...cost });
  if (!isPending) {
    charged.push(token.repeat(26));
  }
}

const ACTS: readonly ((play: Play) => Promise<void>)[] = [
  job,
  job,
  job,
  async ({ site: on, below, charged }) => {
    const token = charged[below(Math.max(1, charged.length))];
    if (token !== undefined) {
      await tryCharge(on.ledger(), token, `${below(1000)}.123457`, { amend: true });
    }
  },
  async ({ site: on, below, day }) => {
    const subaward = ['ETH', 'MIT'][below(2)] ?? '';
    await enter(on, NUMBER, {
      day,
      kind: 'expenditure',
      category: 'subaward',
      amount: `${1 + below(3000)}.55`,
      subaward,
    });
  },
  async ({ site: on, below, day }) => {
    await enter(on, NUMBER, {
      day,
      kind: 'expenditure',
      category: 'tuition',
      amount: `${1 + below(900)}.5`,
      share: 'recipient',
    });
  },
  async ({ site: on, below, day }) => {
    await enter(on, NUMBER, {
      day,
      kind: 'obligation',
      category: 'travel',
      amount: `${1 + below(300)}`,
    });
  },
  async ({ site: on, step }) => {
    await on.ok('grant', 'supplement', NUMBER, '--amount', '1000.01', '--reference', `S${step}`);
  },
  async ({ site: on, step }) => {
    await on.ok('grant', 'deobligate', NUMBER, '--amount', '10', '--reference', `D${step}`);
  },
];

async function reportOf(on: GrantSite, ...args: readonly string[]): Promise<string> {
  return await on.ok('grant', 'report', NUMBER, '--explain', '--json', ...args);
}

/** Lines that are not what their parts add up to. */
function untied(text: string): readonly string[] {
  const { sf425, indirect, explain, warnings } = Report.parse(JSON.parse(text));
  const sums = new Map<string, number>();
  for (const { line, amount } of explain) {
    sums.set(line, (sums.get(line) ?? 0) + amount);
  }
  const lines = [
    ...Object.entries(sf425),
    ...indirect.slice(0, -1).map(({ amount }, at) => [`11.${at + 1} charged`, amount] as const),
  ];
  return [
    ...lines
      .filter(([line, amount]) => Math.abs((sums.get(line) ?? 0) - amount) > HALF_CENT)
      .map(([line, amount]) => `${line}: ${amount}, not ${sums.get(line)}`),
    ...warnings.filter((warning) => warning.includes('MTDC as reckoned')),
  ];
}

describe('a grant whatever happens to it', () => {
  it.each(SEEDS)('ties out (seed %d)', async (seed) => {
    site = await begin();
    const below = chance(seed);
    const charged: string[] = [];
    let nowS = Date.parse('2025-01-05T12:00:00Z') / 1000;
    const kept: { readonly asOf: string; readonly text: string }[] = [];
    for (let step = 0; step < STEPS; step += 1) {
      nowS += (1 + below(20)) * DAY;
      const day = new Date(nowS * 1000).toISOString().slice(0, 10);
      site.goTo(day);
      await ACTS[below(ACTS.length)]?.({ site, below, day, step, charged });
      const asOf = `${day}T12:00:00Z`;
      const text = await reportOf(site, '--as-of', asOf, '--end', day);
      expect(untied(text)).toEqual([]);
      kept.push({ asOf, text });
      nowS += DAY;
    }
    site.forward(DAY);
    await site.ok('grant', 'extend', NUMBER, '--end', '2026-06-30', '--reference', 'NCE');
    await site.ok('grant', 'update', NUMBER, '--pi', 'Somebody Else');
    for (const { asOf, text } of kept) {
      expect(await reportOf(site, '--as-of', asOf, '--end', asOf.slice(0, 10))).toBe(text);
    }
    await site.ok('ledger', 'verify');
  });
});
