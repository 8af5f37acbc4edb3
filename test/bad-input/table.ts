import type { KindName } from './kinds.ts';

// Which kind each flag and argument of each command has. Switches, choices and numbers with bounds
// are known from the command itself; every other one must stand here, or coverage.test.ts fails.

/** By the flag's name, wherever it is. */
const FLAGS: Readonly<Record<string, KindName>> = {
  account: 'account',
  'actual-cost': 'amount',
  accounting: 'enum',
  agency: 'text',
  'allocation-amount': 'positive',
  'allocation-frequency': 'enum',
  aln: 'code',
  amount: 'positive',
  'approved-by': 'words',
  'as-of': 'date',
  authorized: 'amount',
  base: 'enum',
  budget: 'amount',
  carryover: 'enum',
  category: 'text',
  check: 'file',
  'co-pi': 'words',
  compliance: 'json',
  constraint: 'words',
  'cost-center': 'words',
  'cost-share': 'amount',
  csv: 'file',
  date: 'date',
  days: 'count',
  department: 'words',
  description: 'words',
  direct: 'amount',
  effective: 'date',
  ein: 'code',
  end: 'date',
  'execution-plan': 'file',
  'estimated-cost': 'amount',
  fain: 'code',
  'federal-id': 'words',
  'federal-share': 'rate',
  file: 'file',
  for: 'duration',
  format: 'enum',
  frequency: 'enum',
  from: 'date',
  'from-file': 'file',
  grant: 'grant',
  heads: 'file',
  impact: 'words',
  indirect: 'rate',
  institution: 'text',
  job: 'job',
  'job-id': 'job',
  'job-name': 'words',
  key: 'key',
  kind: 'enum',
  last: 'last',
  mem: 'memory',
  'mark-submitted': 'pastDate',
  memory: 'memory',
  metadata: 'json',
  'mtdc-cap': 'amount',
  name: 'text',
  'node-role': 'code',
  notes: 'words',
  nodes: 'count',
  'node-group': 'nodeGroup',
  'older-than': 'duration',
  output: 'newFile',
  'output-dir': 'pattern',
  parent: 'account',
  partition: 'partition',
  period: 'span',
  periods: 'months',
  pi: 'text',
  'plan-dir': 'folder',
  profile: 'words',
  program: 'words',
  project: 'words',
  rate: 'rate',
  'rate-type': 'enum',
  reason: 'text',
  recommendation: 'words',
  'recipient-account': 'words',
  reference: 'text',
  'report-frequency': 'enum',
  schedule: 'id',
  second: 'id',
  severity: 'enum',
  share: 'enum',
  start: 'date',
  state: 'pattern',
  status: 'enum',
  subaward: 'words',
  textfile: 'newFile',
  time: 'time',
  timeout: 'duration',
  to: 'date',
  'total-budget': 'total',
  transaction: 'transaction',
  type: 'enum',
  uei: 'code',
  unspent: 'enum',
  until: 'date',
  user: 'text',
};

/** `command --flag` where the name means something else than elsewhere. */
const OVERRIDES: Readonly<Record<string, KindName>> = {
  'account:adjust --amount': 'signed',
  'account:adjust --partition': 'newPartition',
  'account:create --account': 'newAccount',
  'account:create --slurm-account': 'newAccount',
  'account:limit:set --limit': 'amount',
  'account:limit:set --partition': 'newPartition',
  'account:update --slurm-account': 'newAccountOrNone',
  'allocations:update --end': 'dateOrNone',
  'check --partition': 'partitionList',
  'deadline:add --description': 'text',
  'grant:create --number': 'newGrant',
  'grant:create --reference': 'words',
  'grant:entry:add --amount': 'entry',
  'grant:entry:add --date': 'pastDate',
  'grant:extend --end': 'laterDate',
  'grant:link --amount': 'amount',
  'grant:list --agency': 'pattern',
  'grant:list --pi': 'pattern',
  'grant:report --number': 'grant',
  'hold:list --user': 'pattern',
  'hold:release --reason': 'words',
  'quick-check --partition': 'partitionList',
  'transactions:adjust --amount': 'signed',
  'account:deposit --reason': 'words',
};

/** By the argument's name; `id` by its noun. */
const ARGUMENTS: Readonly<Record<string, KindName>> = {
  account: 'account',
  from: 'account',
  to: 'account',
  grant: 'grant',
  number: 'grant',
  target: 'account',
  job: 'job',
  transaction: 'transaction',
  proposal: 'id',
  'alerts id': 'id',
  'allocations id': 'id',
  'deadline id': 'id',
  'transactions id': 'transaction',
  partition: 'partition',
  file: 'file',
  'ledger:backup file': 'newFile',
  'burst:validate:plan file': 'planFile',
  list: 'nodes',
  script: 'file',
  names: 'nodes',
};

const TERMS = '--total-budget=100 --allocation-amount=10 --allocation-frequency=monthly';

/** What is asked beside a flag that means nothing alone. */
const BESIDE: Readonly<Record<string, string>> = {
  'allocations:process --amount': '--schedule=1 --reason=more',
  'allocations:process --reason': '--schedule=1 --amount=1',
  'account:create --total-budget': `--incremental ${TERMS}`,
  'account:create --allocation-amount': `--incremental ${TERMS}`,
  'account:create --allocation-frequency': `--incremental ${TERMS}`,
  'account:create --unspent': `--incremental ${TERMS}`,
  'grant:report --start': '--end=2026-12-31',
};

/** What is left out where it would stand against the flag. */
const WITHOUT: Readonly<Record<string, string>> = {
  'alerts:snooze --until': '--for=7d',
  'deadline:add --grant': '--account=ml-7',
  'grant:report --number': 'NSF-2025-12345',
  'reconcile --from-file': '--actual-cost=1',
};

const AMENDED = '--reference=Letter-1';

/**
 * The words behind each command that the books of books.ts allow: what every case changes in one place.
 * `!75` where SLURM, EC2 or another program is asked, and none is there; `!n` where that is its answer.
 */
const CALLS: Readonly<Record<string, string>> = {
  'account:adjust': 'ml-7 --amount=1 --reason=storage --dry-run',
  'account:create':
    '--account=ml-9 --name=N --start=2026-01-01 --end=2026-12-31 --budget=5 --dry-run',
  'account:delete': 'ml-7b --dry-run',
  'account:deposit': 'ml-7 --amount=1 --dry-run',
  'account:limit:list': 'ml-7',
  'account:limit:remove': 'ml-7 --partition=aws --dry-run',
  'account:limit:set': 'ml-7 --partition=aws --limit=60 --dry-run',
  'account:list': '',
  'account:show': 'ml-7',
  'account:transfer': 'ml-7 ml-7b --amount=1 --reason=shared --dry-run',
  'account:update': 'ml-7 --description=other --dry-run',
  'account:verify': 'ml-7',
  'alerts:acknowledge': '1 --user=ada --dry-run',
  'alerts:check': '!1 --dry-run',
  'alerts:dismiss': '1 --dry-run',
  'alerts:list': '',
  'alerts:snooze': '1 --for=7d --dry-run',
  'allocations:cancel': '1 --dry-run',
  'allocations:create': `--account=ml-7 ${TERMS} --dry-run`,
  'allocations:list': '',
  'allocations:pause': '1 --dry-run',
  'allocations:process': '--dry-run',
  'allocations:resume': '1 --dry-run',
  'allocations:show': '1',
  'allocations:update': '1 --amount=11 --dry-run',
  'analytics:accuracy': '',
  'analytics:performance': '',
  'burn-rate': 'ml-7',
  'burst:analyze': '{root}/config.yaml',
  check: '--account=ml-7 --estimated-cost=1 --user=ada --dry-run',
  'burst:export': '!75 --job-id=4711 --stdout',
  'burst:iam-policy': '',
  'burst:resume': '!75 aws-cpu-001 --dry-run',
  'burst:suspend': '!75 aws-cpu-001 --dry-run',
  'burst:validate:config': '',
  'burst:validate:integration': '!1',
  'burst:validate:plan': '!3 /nowhere/plan.json',
  'config:init': '',
  'config:show': '',
  'config:validate': '',
  'database:migrate': '',
  'database:rollback': '!3',
  'deadline:add':
    '--account=ml-7 --type=CONFERENCE --date=2026-12-24 --description=Paper --dry-run',
  'deadline:list': '',
  'deadline:remove': '1 --dry-run',
  'ecosystem:config': '',
  'ecosystem:discover': '',
  'ecosystem:health': '',
  'ecosystem:status': '',
  forecast: 'ml-7',
  'grant:carryover:approve': `CARRY-1 --period=1 --amount=1 ${AMENDED} --dry-run`,
  'grant:close': 'CARRY-1 --dry-run',
  'grant:create':
    '--number=G-2 --agency=A --pi=P --institution=U --amount=1000 --start=2026-01-01 --end=2027-12-31 --dry-run',
  'grant:deobligate': `NSF-2025-12345 --amount=1 ${AMENDED} --dry-run`,
  'grant:entry:add':
    'NSF-2025-12345 --date=2026-02-01 --category=travel --amount=5 --reference=R-2 --dry-run',
  'grant:entry:import': 'NSF-2025-12345 --csv=test/grants/entries.csv --dry-run',
  'grant:entry:list': 'NSF-2025-12345',
  'grant:extend': `NSF-2025-12345 --end=2028-12-31 ${AMENDED} --dry-run`,
  'grant:link': 'CARRY-1 ml-7 --amount=1 --dry-run',
  'grant:list': '',
  'grant:periods': 'NSF-2025-12345',
  'grant:rate': `NSF-2025-12345 --rate=0.31 --from=2026-01-01 ${AMENDED} --dry-run`,
  'grant:report': 'NSF-2025-12345',
  'grant:show': 'NSF-2025-12345',
  'grant:supplement': `NSF-2025-12345 --amount=1 ${AMENDED} --dry-run`,
  'grant:unlink': 'NSF-2025-12345 shared --dry-run',
  'grant:update': 'NSF-2025-12345 --department=CS --dry-run',
  'hold:list': '',
  'hold:release': '{hold} --dry-run',
  'ledger:backup': '{root}/backup.db',
  'ledger:info': '',
  'ledger:migrate': '',
  'ledger:restore': '!',
  'ledger:unlock': '!2',
  'ledger:verify': '',
  maintain: '!75 --dry-run',
  metrics: '',
  'nodes:list': '!75',
  'nodes:reconcile': '!75 --dry-run',
  'nodes:unprotect': 'aws --dry-run',
  'prices:update': '!75 --dry-run',
  'quick-check': '--account=ml-7',
  reconcile: '41 --actual-cost=1 --dry-run',
  recover: '!75 --dry-run',
  remaining: 'ml-7',
  'service:start': '',
  'service:status': '',
  'slurm:compress': 'a1 a2',
  'slurm:conf': '',
  'slurm:expand': 'a[1-3]',
  status: 'ml-7',
  'transactions:adjust': '{charge} --amount=-1 --reason=wrong --dry-run',
  'transactions:approve': '!3 1 --dry-run',
  'transactions:export': '--output={root}/out.csv',
  'transactions:list': '',
  'transactions:proposals': '',
  'transactions:refund': '{charge} --reason=wrong --dry-run',
  'transactions:reverse': '{deposit} --reason=wrong --dry-run',
  'transactions:show': '{hold}',
  'usage:show': 'ml-7',
  'usage:summary': '',
  version: '',
};

export function kindOfFlag(id: string, flag: string): KindName | undefined {
  return OVERRIDES[`${id} --${flag}`] ?? FLAGS[flag];
}

export function kindOfArgument(id: string, name: string): KindName | undefined {
  const noun = id.split(':')[0] ?? '';
  return ARGUMENTS[`${id} ${name}`] ?? ARGUMENTS[`${noun} ${name}`] ?? ARGUMENTS[name];
}

export function beside(id: string, flag: string): readonly string[] {
  return (BESIDE[`${id} --${flag}`] ?? '').split(' ').filter((word) => word !== '');
}

export function isAgainst(id: string, flag: string, word: string): boolean {
  return WITHOUT[`${id} --${flag}`] === word;
}

export interface Call {
  readonly words: readonly string[];
  /** Exit code as it stands; undefined: not to be run. */
  readonly code: number | undefined;
}

export function callOf(id: string): Call | undefined {
  const text = CALLS[id];
  if (text === undefined) {
    return;
  }
  const words = text.split(' ').filter((word) => word !== '');
  const [first = ''] = words;
  if (!first.startsWith('!')) {
    return { words, code: 0 };
  }
  return { words: words.slice(1), code: first === '!' ? undefined : Number(first.slice(1)) };
}

export const CALLED = Object.keys(CALLS);
/** `command --flag` of the tables above that speak of one command. */
export const SAID = [OVERRIDES, BESIDE, WITHOUT].flatMap((table) => Object.keys(table));
