import { releaseHold } from '../../src/core/ledger/end-hold.ts';
import type { CliSite } from '../support/cli.ts';
import { type Step, words } from '../support/golden.ts';
import { askKeyless, place, tryCharge } from '../support/policy.ts';

function token(letter: string): string {
  return letter.repeat(26);
}

function spending(letter: string, dollars: string): Step {
  return {
    between: async (site: CliSite) => {
      await place(site.ledger(), { account: 'ml-7', token: token(letter), task: dollars });
    },
  };
}

/** Twenty jobs of about $0.01 each, then one of $12. */
async function jobs(site: CliSite): Promise<void> {
  const ledger = site.ledger();
  for (let n = 0; n < 21; n += 1) {
    const own = `j${String(n).padStart(25, '0')}`;
    const run = { jobId: 5000 + n, arrayTask: -1, submitS: 1_795_262_400, restart: 0 };
    await place(ledger, { account: 'chem', token: own, task: '12', run });
    await tryCharge(ledger, own, n === 20 ? '12' : `0.01${n % 10}`);
  }
}

const RECENT = ['--start', '2026-11-18', '--end', '2027-11-17'];
const GRANT = [
  ...words('grant create --number NSF-1 --agency NSF --institution U --amount 5000 --indirect 0'),
  ...['--pi', 'A. Lovelace', '--start', '2026-11-01', '--end', '2026-12-20'],
];

/** An administrator and the alerts of a few days. */
export const SCENARIO: readonly Step[] = [
  { name: 'list-none', args: words('alerts list') },
  { name: 'check-none', args: words('alerts check') },
  {
    name: 'account',
    args: [...words('account create --account ml-7 --name ML --budget 100'), ...RECENT],
  },
  {
    name: 'account-chem',
    args: [...words('account create --account chem --name Chemistry --budget 1000'), ...RECENT],
  },
  { name: 'grant', args: GRANT },
  spending('a', '85'),
  { between: jobs },
  { name: 'check-dry-run', args: words('alerts check --dry-run') },
  { name: 'list-none-written', args: words('alerts list') },
  { name: 'check', args: words('alerts check') },
  { name: 'check-again', args: words('alerts check') },
  { name: 'list', args: words('alerts list') },
  { name: 'list-wide', args: words('alerts list --wide') },
  { name: 'list-severity', args: words('alerts list --severity info') },
  { name: 'list-grant', args: words('alerts list --grant NSF-1') },
  { name: 'list-account', args: words('alerts list --account ml-7') },
  { name: 'list-unknown', args: words('alerts list --account ml7'), code: 3 },
  { name: 'list-unknown-grant', args: words('alerts list --grant NSF-2'), code: 3 },
  { name: 'list-bad', args: words('alerts list --severity grave'), code: 2 },
  { name: 'burn-rate-alerts', args: words('burn-rate ml-7 --alerts-only') },
  {
    name: 'acknowledge-dry-run',
    args: words('alerts acknowledge 2 --user ada --dry-run'),
  },
  {
    name: 'acknowledge',
    args: ['alerts', 'acknowledge', '2', '--user', 'ada', '--notes', 'talked to the group'],
  },
  { name: 'acknowledge-again', args: words('alerts acknowledge 2 --user eve') },
  { name: 'acknowledge-unknown', args: words('alerts acknowledge 99 --user ada'), code: 3 },
  { name: 'acknowledge-bad', args: words('alerts acknowledge one --user ada'), code: 2 },
  { name: 'snooze', args: words('alerts snooze 3 --for 7d') },
  { name: 'snooze-past', args: words('alerts snooze 3 --until 2026-11-01'), code: 2 },
  { name: 'snooze-how-long', args: words('alerts snooze 3'), code: 2 },
  { name: 'dismiss', args: words('alerts dismiss 4') },
  { name: 'dismiss-again', args: words('alerts dismiss 4') },
  { name: 'list-quiet', args: words('alerts list') },
  { name: 'list-all', args: words('alerts list --status all') },
  spending('b', '14.999999'),
  { name: 'check-graver', args: words('alerts check') },
  spending('c', '0.000001'),
  { name: 'check-critical', args: words('alerts check'), code: 1 },
  { name: 'list-critical', args: words('alerts list --severity critical') },
  {
    between: async (site) => {
      for (const letter of ['a', 'b', 'c']) {
        await askKeyless(site.ledger(), { holds: { tokens: [token(letter)] } }, (view) =>
          releaseHold(view, { token: token(letter), cause: 'recovery' }),
        );
      }
    },
  },
  { name: 'check-over', args: words('alerts check') },
  { name: 'list-resolved', args: words('alerts list --status resolved') },
  { name: 'acknowledge-over', args: words('alerts acknowledge 2 --user ada'), code: 3 },
  { name: 'deadline-none', args: words('deadline list') },
  {
    name: 'deadline-add',
    args: [
      ...words('deadline add --account ml-7 --type CONFERENCE --date 2026-12-01'),
      ...['--description', 'NeurIPS papers', '--impact', 'two weeks of 8 GPUs'],
      ...['--recommendation', 'burst from 24 November on', '--recommendation', 'raise the limit'],
    ],
  },
  {
    name: 'deadline-add-grant',
    args: [
      ...words('deadline add --grant NSF-1 --type GRANT_REPORT --date 2026-11-22'),
      ...['--description', 'Annual report'],
    ],
  },
  {
    name: 'deadline-add-twice',
    args: [
      ...words('deadline add --grant NSF-1 --type GRANT_REPORT --date 2026-11-22'),
      ...['--description', 'Annual report'],
    ],
    code: 3,
  },
  {
    name: 'deadline-add-past',
    args: words('deadline add --account ml-7 --type RENEWAL --date 2026-11-20 --description x'),
    code: 2,
  },
  {
    name: 'deadline-add-bad',
    args: words('deadline add --account ml-7 --type PARTY --date 2026-12-20 --description x'),
    code: 2,
  },
  {
    name: 'deadline-add-unknown',
    args: words('deadline add --account ml7 --type RENEWAL --date 2026-12-20 --description x'),
    code: 3,
  },
  {
    name: 'deadline-add-whose',
    args: words('deadline add --type RENEWAL --date 2026-12-20 --description x'),
    code: 2,
  },
  {
    name: 'deadline-add-dry-run',
    args: words(
      'deadline add --account ml-7 --type RENEWAL --date 2026-12-20 --description x --dry-run',
    ),
  },
  {
    name: 'deadline-add-words',
    args: words(
      'deadline add --account ml-7 --type grant-report --date 2026-12-20 --description y',
    ),
  },
  { name: 'deadline-list', args: words('deadline list') },
  { name: 'deadline-list-all', args: words('deadline list --all') },
  { name: 'deadline-list-grant', args: words('deadline list --grant NSF-1') },
  { name: 'deadline-list-days', args: words('deadline list --days 5') },
  { name: 'deadline-remove', args: words('deadline remove 2') },
  { name: 'deadline-remove-again', args: words('deadline remove 2'), code: 3 },
];
