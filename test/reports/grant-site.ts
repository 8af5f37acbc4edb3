import { bareSite, type CliSite } from '../support/cli.ts';
import { place, tryCharge } from '../support/policy.ts';

// The worked example of budget.md 8.9 as a real ledger, by the commands that people type: an award of
// 750,000 of which 2025 is over.

export const NUMBER = 'NSF-2025-0089';

/** Where the site's clock begins: 2026-11-21 12:00:00 UTC. */
const START_S = 1_795_262_400;

function noon(day: string): number {
  return Date.parse(`${day}T12:00:00Z`) / 1000;
}

export interface GrantSite extends CliSite {
  /** Moves the clock to noon of a day. */
  goTo(day: string): void;
}

export function clockSite(): GrantSite {
  const site = bareSite();
  let nowS = START_S;
  return {
    ...site,
    forward: (seconds) => {
      nowS += seconds;
      site.forward(seconds);
    },
    goTo: (day) => {
      site.forward(noon(day) - nowS);
      nowS = noon(day);
    },
  };
}

export interface Entry {
  readonly day: string;
  readonly kind: string;
  readonly category: string;
  readonly amount: string;
  readonly share?: string;
  readonly subaward?: string;
}

export async function enter(site: CliSite, number: string, entry: Entry): Promise<void> {
  const { day, kind, category, amount, share = 'federal', subaward } = entry;
  await site.ok(
    ...['grant', 'entry', 'add', number, '--date', day, '--kind', kind, '--category', category],
    ...[
      '--amount',
      amount,
      '--share',
      share,
      '--reference',
      `${kind} ${category} ${day} ${amount}`,
    ],
    ...(subaward === undefined ? [] : ['--subaward', subaward]),
  );
}

export interface Job {
  readonly day: string;
  readonly account: string;
  readonly token: string;
  readonly user: string;
  readonly partition: string;
  readonly hold: string;
  /** Absent: it stays pending. */
  readonly cost?: string;
}

/** A job of that day, held and charged as the hooks would. */
export async function run(site: GrantSite, asked: Job): Promise<void> {
  site.goTo(asked.day);
  const ledger = site.ledger();
  const token = asked.token.repeat(26);
  await place(ledger, {
    account: asked.account,
    token,
    task: asked.hold,
    userName: asked.user,
    partitions: [asked.partition],
    run: {
      jobId: 1000 + asked.token.charCodeAt(0),
      arrayTask: -1,
      submitS: noon(asked.day),
      restart: 0,
    },
  });
  if (asked.cost !== undefined) {
    await tryCharge(ledger, token, asked.cost);
  }
}

/** budget.md 8.9 up to the report's day. */
export async function workedExample(): Promise<GrantSite> {
  const site = clockSite();
  site.goTo('2025-01-02');
  await site.ok('ledger', 'migrate');
  await site.ok(
    ...['grant', 'create', '--number', NUMBER, '--agency', 'National Science Foundation'],
    ...['--program', 'CISE', '--pi', 'Ada Lovelace', '--institution', 'Example University'],
    ...['--amount', '750000', '--start', '2025-01-01', '--end', '2027-12-31', '--indirect', '0.30'],
    ...['--fain', '2501234', '--aln', '47.070', '--cost-share', '100000', '--mtdc-cap', '50000'],
  );
  for (const name of ['ml', 'bio']) {
    await site.ok(
      ...['account', 'create', '--account', name, '--name', name, '--budget', '200000'],
      ...['--start', '2025-01-01', '--end', '2027-12-31'],
    );
    await site.ok('grant', 'link', NUMBER, name);
  }
  const jobs = { hold: '60000' };
  await run(site, {
    ...jobs,
    day: '2025-03-10',
    account: 'ml',
    token: 'a',
    user: 'ada',
    partition: 'gpu',
    cost: '50000.005',
  });
  site.goTo('2025-04-01');
  const day = '2025-04-01';
  await enter(site, NUMBER, { day, kind: 'expenditure', category: 'equipment', amount: '20000' });
  await enter(site, NUMBER, {
    day,
    kind: 'expenditure',
    category: 'subaward',
    amount: '60000',
    subaward: 'ETH',
  });
  await enter(site, NUMBER, {
    day,
    kind: 'expenditure',
    category: 'tuition',
    amount: '35000',
    share: 'recipient',
  });
  await enter(site, NUMBER, {
    day,
    kind: 'program_income_earned',
    category: 'fees',
    amount: '1000',
  });
  await enter(site, NUMBER, {
    day,
    kind: 'program_income_addition',
    category: 'fees',
    amount: '600',
  });
  await run(site, {
    ...jobs,
    day: '2025-06-30',
    account: 'bio',
    token: 'b',
    user: 'bob',
    partition: 'cpu',
    cost: '49999.995',
  });
  await run(site, {
    ...jobs,
    day: '2025-09-30',
    account: 'ml',
    token: 'c',
    user: 'cy',
    partition: 'gpu',
    cost: '50000',
  });
  await run(site, {
    hold: '4000',
    day: '2025-12-30',
    account: 'bio',
    token: 'd',
    user: 'bob',
    partition: 'cpu',
  });
  site.goTo('2025-12-31');
  await enter(site, NUMBER, {
    day: '2025-12-31',
    kind: 'cash_receipt',
    category: 'drawdown',
    amount: '280000',
  });
  await enter(site, NUMBER, {
    day: '2025-12-31',
    kind: 'cash_disbursement',
    category: 'payments',
    amount: '290000',
  });
  site.goTo('2026-02-15');
  return site;
}
