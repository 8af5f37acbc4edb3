import { spend, spendDaily } from '../burn/spend.ts';
import type { CliSite } from '../support/cli.ts';
import { type Step, words } from '../support/golden.ts';
import { place } from '../support/policy.ts';

/** The three grants of the seed, as a shell hands their flags over. */
const NSF = [
  ...words('grant create --number=NSF-2025-12345'),
  '--agency=National Science Foundation',
  '--program=Computer and Information Science and Engineering',
  '--pi=Dr. Jane Smith',
  '--co-pi=Dr. Bob Johnson,Dr. Alice Chen',
  '--institution=Research University',
  '--department=Computer Science',
  ...words('--amount=750000 --start=2025-01-01 --end=2027-12-31 --periods=12 --indirect=0.30'),
  '--federal-id=47.070',
];
const NIH = [
  ...words('grant create --number=NIH-R01-567890'),
  '--agency=National Institutes of Health',
  '--program=National Cancer Institute',
  '--pi=Dr. Medical Researcher',
  '--institution=Medical University',
  ...words('--amount=1250000 --start=2025-07-01 --end=2030-06-30 --periods=12 --indirect=0.25'),
];
const DOE = [
  ...words('grant create --number=DOE-DE-SC-98765'),
  '--agency=Department of Energy',
  '--program=Office of Science',
  '--pi=Dr. Energy Expert',
  ...words('--amount=500000 --start=2025-10-01 --end=2027-09-30 --periods=6 --indirect=0.35'),
];

/** budget.md 8.5: 250,000 a period, 180,000 spent in the first, 10,000 pending. */
const CARRY = [
  ...words('grant create --number CARRY-1 --amount 750000 --start 2025-01-01 --end 2027-12-31'),
  ...words('--indirect 0 --base none --carryover prior-approval --report-frequency quarterly'),
  ...['--agency', 'State Agency', '--pi', 'Dr. Period', '--institution', 'Research University'],
];

const YEARS = words('--start 2025-01-01 --end 2027-12-31');

async function work(site: CliSite): Promise<void> {
  const ledger = site.ledger();
  await spend(ledger, { account: 'carry', day: 20_250_615, dollars: '180000' });
  await place(ledger, { account: 'carry', task: '10000' });
  await spend(ledger, { account: 'ml-research', day: 20_250_820, dollars: '1200.50' });
  await spendDaily(ledger, { account: 'ml-research', day: 20_261_012, dollars: '120' }, 40);
  await place(ledger, { account: 'ml-research', task: '400' });
}

async function settleCarry(site: CliSite): Promise<void> {
  site.forward(86_400);
  await spend(site.ledger(), { account: 'carry', day: 20_261_121, dollars: '9000' });
}

/** Some years of a grants office, from an empty ledger on. */
export const SCENARIO: readonly Step[] = [
  { name: 'list-none', args: words('grant list') },
  { name: 'list-active-none', args: words('grant list --active') },
  { name: 'create-dry-run', args: [...NSF, '--dry-run'] },
  { name: 'create-nsf', args: NSF },
  { name: 'create-nih', args: NIH },
  { name: 'create-doe', args: DOE },
  { name: 'create-carry', args: CARRY },
  { name: 'create-duplicate', args: DOE, code: 3 },
  { name: 'list', args: words('grant list') },
  { name: 'list-active', args: words('grant list --active') },
  { name: 'list-active-table', args: words('grant list --active --format=table') },
  { name: 'list-ids', args: words('grant list --format=ids') },
  { name: 'list-agency', args: ['grant', 'list', '--agency', 'national', '--wide'] },
  { name: 'list-pi', args: ['grant', 'list', '--pi', 'alice chen'] },
  { name: 'list-page', args: words('grant list --limit 1 --offset 1') },
  { name: 'list-before', args: words('grant list --active --as-of 2025-06-30') },
  {
    name: 'account-create',
    args: [
      ...words('account create --account ml-research --grant NSF-2025-12345 --budget 100000'),
      ...['--name', 'ML research', ...YEARS],
    ],
  },
  {
    name: 'account-create-two',
    args: [
      ...words('account create --account shared --grant NSF-2025-12345 --grant DOE-DE-SC-98765'),
      ...words('--basis total --budget 500 --name Shared'),
      ...YEARS,
    ],
  },
  {
    name: 'account-create-too-much',
    args: [
      ...words('account create --account big --grant DOE-DE-SC-98765 --budget 600000 --name Big'),
      ...YEARS,
    ],
    code: 10,
  },
  {
    name: 'account-create-unknown',
    args: [
      ...words('account create --account big --grant DOE-DE-SC-98756 --budget 6 --name Big'),
      ...YEARS,
    ],
    code: 3,
  },
  {
    name: 'account-create-carry',
    args: [
      ...words('account create --account carry --grant CARRY-1 --budget 300000 --name Carry'),
      ...YEARS,
    ],
  },
  { name: 'account-deposit', args: words('account deposit carry --amount 10 --dry-run') },
  {
    name: 'account-deposit-other',
    args: words('account deposit carry --amount 10 --grant NIH-R01-567890'),
    code: 3,
  },
  {
    name: 'account-create-plain',
    args: [...words('account create --account plain --budget 1000 --name Plain'), ...YEARS],
  },
  { between: work },
  { name: 'account-list-grant', args: words('account list --grant NSF-2025-12345') },
  { name: 'account-list-grant-unknown', args: words('account list --grant NSF-2025'), code: 3 },
  { name: 'account-show', args: words('account show shared') },
  { name: 'account-share', args: words('account update shared --federal-share 0.8') },
  { name: 'show', args: words('grant show NSF-2025-12345') },
  { name: 'show-before', args: words('grant show NSF-2025-12345 --as-of 2025-12-31') },
  { name: 'show-unknown', args: words('grant show NSF-2025-1234'), code: 3 },
  { name: 'periods', args: words('grant periods NSF-2025-12345') },
  { name: 'periods-doe', args: words('grant periods DOE-DE-SC-98765') },
  { name: 'periods-carry', args: words('grant periods CARRY-1') },
  {
    name: 'carryover-too-much',
    args: words('grant carryover approve CARRY-1 --period 1 --amount 70001 --reference L1'),
    code: 2,
  },
  {
    name: 'carryover-approve',
    args: [
      ...words('grant carryover approve CARRY-1 --period 1 --amount 70000'),
      ...['--reference', 'Letter of 2026-01-15', '--approved-by', 'Agency'],
    ],
  },
  { name: 'periods-carried', args: words('grant periods CARRY-1') },
  { between: settleCarry },
  { name: 'periods-carry-later', args: words('grant periods CARRY-1') },
  {
    name: 'carryover-automatic',
    args: words('grant carryover approve DOE-DE-SC-98765 --period 1 --amount 1 --reference L1'),
    code: 3,
  },
  { name: 'link-dry-run', args: words('grant link NSF-2025-12345 plain --amount 1500 --dry-run') },
  { name: 'link', args: words('grant link NSF-2025-12345 plain --amount 1500') },
  { name: 'link-again', args: words('grant link NSF-2025-12345 plain'), code: 3 },
  { name: 'link-too-much', args: words('grant link DOE-DE-SC-98765 plain --amount 5e5'), code: 2 },
  {
    name: 'link-more-than-award',
    args: words('grant link DOE-DE-SC-98765 plain --amount 500001'),
    code: 10,
  },
  { name: 'link-unknown', args: words('grant link NSF-2025-12345 plian'), code: 3 },
  { name: 'unlink', args: words('grant unlink NSF-2025-12345 plain') },
  { name: 'unlink-none', args: words('grant unlink DOE-DE-SC-98765 plain'), code: 3 },
  {
    name: 'supplement',
    args: [
      ...words('grant supplement NSF-2025-12345 --amount 60000 --effective 2026-06-01'),
      ...['--reference', 'Amendment 001'],
    ],
  },
  {
    name: 'deobligate-too-much',
    args: words('grant deobligate NSF-2025-12345 --amount 790000 --reference A2'),
    code: 3,
  },
  {
    name: 'deobligate',
    args: words('grant deobligate NSF-2025-12345 --amount 10000 --reference A2'),
  },
  {
    name: 'rate',
    args: [
      ...words('grant rate NSF-2025-12345 --rate 0.325 --from 2026-01-01 --to 2026-12-31'),
      ...words('--type final --reference Agreement-2026'),
    ],
  },
  {
    name: 'rate-outside',
    args: words('grant rate NSF-2025-12345 --rate 0.3 --from 2024-01-01 --reference X'),
    code: 2,
  },
  {
    name: 'extend-dry-run',
    args: words('grant extend DOE-DE-SC-98765 --end 2028-12-31 --reference N --dry-run'),
  },
  {
    name: 'extend',
    args: words('grant extend DOE-DE-SC-98765 --end 2028-03-31 --reference NCE-1'),
  },
  {
    name: 'extend-back',
    args: words('grant extend DOE-DE-SC-98765 --end 2027-03-31 --reference NCE-2'),
    code: 2,
  },
  { name: 'periods-extended', args: words('grant periods DOE-DE-SC-98765') },
  {
    name: 'entry-add',
    args: words(
      'grant entry add NSF-2025-12345 --date 2025-12-31 --category equipment --amount 20000 --reference PO-1',
    ),
  },
  {
    name: 'entry-add-again',
    args: words(
      'grant entry add NSF-2025-12345 --date 2025-12-31 --category equipment --amount 20000 --reference PO-1',
    ),
  },
  {
    name: 'entry-add-other',
    args: words(
      'grant entry add NSF-2025-12345 --date 2025-12-31 --category equipment --amount 20001 --reference PO-1',
    ),
    code: 3,
  },
  {
    name: 'entry-import-bad',
    args: words('grant entry import NSF-2025-12345 --csv test/grants/bad-entries.csv'),
    code: 2,
  },
  {
    name: 'entry-import-dry-run',
    args: words('grant entry import NSF-2025-12345 --csv test/grants/entries.csv --dry-run'),
  },
  {
    name: 'entry-import',
    args: words('grant entry import NSF-2025-12345 --csv test/grants/entries.csv'),
  },
  {
    name: 'entry-import-again',
    args: words('grant entry import NSF-2025-12345 --csv test/grants/entries.csv'),
  },
  { name: 'entry-list', args: words('grant entry list NSF-2025-12345') },
  { name: 'entry-list-none', args: words('grant entry list DOE-DE-SC-98765') },
  { name: 'update-nothing', args: words('grant update NSF-2025-12345'), code: 2 },
  {
    name: 'update',
    args: [
      ...words('grant update NSF-2025-12345 --co-pi'),
      ...['Dr. Alice Chen', '--cost-center', 'CC-7', '--carryover', 'none'],
    ],
  },
  { name: 'show-later', args: words('grant show NSF-2025-12345') },
  { name: 'periods-later', args: words('grant periods NSF-2025-12345 --wide') },
  { name: 'close-in-use', args: words('grant close NSF-2025-12345'), code: 3 },
  { name: 'close', args: words('grant close NIH-R01-567890 --cancelled') },
  { name: 'close-again', args: words('grant close NIH-R01-567890'), code: 3 },
  { name: 'reopen', args: words('grant update NIH-R01-567890 --status active') },
  { name: 'list-status', args: words('grant list --status active') },
  { name: 'close-owes', args: words('grant close NIH-R01-567890') },
];
