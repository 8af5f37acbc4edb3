import { releaseHold } from '../../src/core/ledger/end-hold.ts';
import { askKeyless, tryCharge } from '../support/policy.ts';
import { enter, type GrantSite, run } from './grant-site.ts';

// What may befall a grant, at random: cost share, F&A on the account, amendments, refunds, late costs,
// final rates, new terms.

export const NUMBER = 'DOE-SC-0042';
export const DAY_S = 86_400;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

export function dayOf(epochS: number): string {
  return new Date(epochS * 1000).toISOString().slice(0, 10);
}

export interface Play {
  readonly site: GrantSite;
  readonly below: (most: number) => number;
  readonly day: string;
  readonly step: number;
  readonly charged: string[];
  readonly open: string[];
}

async function job({ site: on, below, day, step, charged, open }: Play): Promise<void> {
  const letter = LETTERS[step] ?? 'z';
  const isPending = below(3) === 0;
  const cost = isPending ? {} : { cost: `${below(900)}.00${below(10)}001` };
  const account = ['whole', 'shared', 'bearing'][below(3)] ?? 'whole';
  const partition = ['aws', 'gpu'][below(2)] ?? 'aws';
  const user = ['ada', 'bob'][below(2)] ?? 'ada';
  await run(on, { day, account, token: letter, user, partition, hold: '1000', ...cost });
  (isPending ? open : charged).push(letter.repeat(26));
}

/** The newest transaction of a hold's charge, as people name it. */
function chargeOf(on: GrantSite, token: string): string {
  const rows = on.raw(`SELECT t.seq FROM txn t JOIN hold h ON h.hold_id=t.hold_id
    WHERE h.token='${token}' AND t.kind IN('charge','late') ORDER BY t.seq DESC LIMIT 1`) as readonly {
    readonly seq: bigint;
  }[];
  return `txn_${rows[0]?.seq ?? 0}`;
}

function pick<T>(list: readonly T[], below: (most: number) => number): T | undefined {
  return list.length === 0 ? undefined : list[below(list.length)];
}

export const ACTS: Readonly<Record<string, (play: Play) => Promise<unknown>>> = {
  job,
  job2: job,
  job3: job,
  amend: async ({ site: on, below, charged }) => {
    const token = pick(charged, below);
    return token && (await tryCharge(on.ledger(), token, `${below(1000)}.123457`, { amend: true }));
  },
  refund: async ({ site: on, below, charged }) => {
    const token = pick(charged, below);
    return (
      token &&
      (await on.asbb(
        'transactions',
        'refund',
        chargeOf(on, token),
        '--amount',
        '3.17',
        '--reason',
        'r',
      ))
    );
  },
  settle: async ({ site: on, below, charged, open }) => {
    const token = pick(open, below);
    if (token !== undefined) {
      open.splice(open.indexOf(token), 1);
      charged.push(token);
      // The job ended some days ago, perhaps in the period before.
      const ledger = on.ledger();
      const { nowS } = await ledger.read({});
      const effectiveS = nowS - below(12) * DAY_S;
      const day = Number(dayOf(effectiveS).replaceAll('-', ''));
      await tryCharge(ledger, token, `${below(1300)}.5`, { effective: { effectiveS, day } });
    }
  },
  release: async ({ site: on, below, charged, open }) => {
    const token = pick(open, below);
    if (token !== undefined) {
      open.splice(open.indexOf(token), 1);
      await askKeyless(on.ledger(), { holds: { tokens: [token], owners: true } }, (view) =>
        releaseHold(view, { token, cause: 'manual' }),
      );
      // A cost that comes after all.
      if (below(2) === 0) {
        charged.push(token);
        await tryCharge(on.ledger(), token, `${below(90)}.25`);
      }
    }
  },
  adjust: async ({ site: on, below }) =>
    await on.asbb(
      ...['account', 'adjust', ['shared', 'bearing'][below(2)] ?? '', '--amount'],
      ...[`${below(2) === 0 ? '-' : ''}${1 + below(40)}.01`, '--reason', 'by hand'],
    ),
  subaward: async ({ site: on, below, day }) =>
    await enter(on, NUMBER, {
      ...{ day, kind: 'expenditure', category: 'subaward', amount: `${1 + below(1900)}.55` },
      subaward: ['ETH', 'MIT'][below(2)] ?? '',
    }),
  equipment: async ({ site: on, below, day }) =>
    await enter(on, NUMBER, {
      ...{ day, kind: 'expenditure', category: 'equipment', amount: `${1 + below(900)}.5` },
    }),
  tuition: async ({ site: on, below, day }) =>
    await enter(on, NUMBER, {
      ...{ day, kind: 'expenditure', category: 'travel', amount: `${1 + below(900)}.5` },
      share: 'recipient',
    }),
  money: async ({ site: on, below, day }) => {
    const kind = [
      ...['cash_receipt', 'cash_disbursement', 'obligation'],
      ...['program_income_earned', 'program_income_addition'],
    ][below(5)];
    await enter(on, NUMBER, { day, kind: kind ?? '', category: 'x', amount: `${1 + below(600)}` });
  },
  supplement: async ({ site: on, step }) =>
    await on.ok('grant', 'supplement', NUMBER, '--amount', '500.01', '--reference', `S${step}`),
  deobligate: async ({ site: on, step }) =>
    await on.ok('grant', 'deobligate', NUMBER, '--amount', '10', '--reference', `D${step}`),
  rate: async ({ site: on, below, step }) => {
    const from = `2025-0${1 + below(6)}-01`;
    // Refused where a correction by hand left less than nothing under it.
    await on.asbb(
      ...['grant', 'rate', NUMBER, '--rate', `0.${2 + below(3)}57`, '--type', 'final'],
      ...['--from', from, '--to', '2025-12-31', '--reference', `R${step}`],
    );
  },
  terms: async ({ site: on, below }) =>
    await on.ok('grant', 'update', NUMBER, '--mtdc-cap', `${1000 * (1 + below(3))}`),
  share: async ({ site: on, below }) =>
    await on.asbb('account', 'update', 'shared', '--federal-share', `0.${5 + below(4)}`),
};
