import type Database from 'better-sqlite3';
import { EXIT, Fault } from '../../core/errors.ts';
import type { CheckResult, VerifyOptions, VerifyReport } from '../../ports/ledger-care.ts';
import type { Cell } from './cells.ts';
import { checkChain, checkHeads } from './chain.ts';
import { toFault } from './faults.ts';
import { HANGING_SQL } from './hanging.ts';
import { JOB_DAYS_OFF } from './job-days.ts';
import { SCHEMA_VERSION } from './open.ts';
import { PREDICATES, type Predicate } from './predicates.ts';
import { soundness } from './soundness.ts';
import { VOLUMES_PRICED, VOLUMES_WHOLE } from './volume-rules.ts';

const SAMPLE_MAX = 20;
const RECONCILE_PERIOD_S = 300;
const STEPS_BACK = `SELECT COUNT(*) FROM (SELECT at_us, LAG(at_us) OVER (ORDER BY seq) before FROM journal)
  WHERE at_us<before`;

type Violation = readonly (string | null)[];
type Check = (report: (violation: Violation) => void) => void;

function asText(cell: Cell): string | null {
  return cell === null ? null : String(cell);
}

/** Counts of jobs are kept from this schema on; an older one is verified before it is migrated. */
const JOBS_SINCE = 7;

const VOLUMES_SINCE = 8;

/** What our own columns and tables add to the predicates, and since which schema. */
const ADDED: readonly (Predicate & { readonly since: number })[] = [
  { id: 'I2', since: JOBS_SINCE, sql: JOB_DAYS_OFF },
  { id: 'I13', since: VOLUMES_SINCE, sql: VOLUMES_WHOLE },
  { id: 'I14', since: VOLUMES_SINCE, sql: VOLUMES_PRICED },
];

function predicatesOf(version: number): readonly Predicate[] {
  return PREDICATES.map(({ id, sql }) => {
    const added = ADDED.filter((each) => each.id === id && version >= each.since);
    return { id, sql: [sql, ...added.map((each) => each.sql)].join('\nUNION ALL ') };
  });
}

function bySql(db: Database.Database, sql: string, ...cells: readonly number[]): Check {
  return (report) => {
    for (const row of db
      .prepare<number[], Cell[]>(sql)
      .raw()
      .iterate(...cells)) {
      report(row.map(asText));
    }
  };
}

/** What a file that is damaged, or holds rows of other types than its schema says, makes of a check. */
function unreadable(error: unknown): Violation {
  const fault = toFault(error);
  if (fault instanceof Fault && fault.exitCode !== EXIT.integrity) {
    throw fault;
  }
  return ['unreadable', fault.message];
}

function run(id: string, check: Check): CheckResult {
  const sample: Violation[] = [];
  let rows = 0;
  function report(violation: Violation): void {
    rows += 1;
    if (sample.length < SAMPLE_MAX) {
      sample.push(violation);
    }
  }
  try {
    check(report);
  } catch (error) {
    report(unreadable(error));
  }
  return { id, ok: rows === 0, rows, sample, isWarning: false };
}

export interface VerifyRules extends Pick<VerifyOptions, 'strict' | 'reconcilePeriodS'> {
  /** Text of recorded heads. */
  readonly heads?: string | undefined;
}

export interface VerifyContext {
  readonly nowUs: number;
  /** For the addon of the in-memory schema. */
  readonly stateDirectory: string;
  /** The schema it should have; this program's, unless it is about to be migrated. */
  readonly version?: number;
}

function notesOf(db: Database.Database): readonly string[] {
  const count = Number(db.prepare(STEPS_BACK).pluck().get());
  return count === 0
    ? []
    : [
        `the clock stepped back before ${count} journal row${count === 1 ? '' : 's'}; order is by seq`,
      ];
}

/** I1–I20 in one read transaction; never writes. */
export async function verifyDatabase(
  db: Database.Database,
  options: VerifyRules,
  context: VerifyContext,
): Promise<VerifyReport> {
  const version = context.version ?? SCHEMA_VERSION;
  const checkSoundness = await soundness(context.stateDirectory, version);
  const periods = 2 * (options.reconcilePeriodS ?? RECONCILE_PERIOD_S);
  db.exec('BEGIN');
  try {
    const checks = [
      ...predicatesOf(version).map(({ id, sql }) => run(id, bySql(db, sql))),
      run('I8', (report) => {
        checkChain(db, report);
        checkHeads(db, options.heads ?? '', report);
      }),
      run('I19', (report) => checkSoundness(db, report)),
    ];
    const hanging = run('I20', bySql(db, HANGING_SQL, context.nowUs, periods));
    const isWarning = !hanging.ok && options.strict !== true;
    return {
      checks: [...checks, { ...hanging, ok: hanging.ok || isWarning, isWarning }].toSorted(
        (a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)),
      ),
      notes: notesOf(db),
    };
  } finally {
    db.exec('ROLLBACK');
  }
}

/** The predicates that do not hold. */
export function failuresOf(report: VerifyReport): readonly CheckResult[] {
  return report.checks.filter(({ ok }) => !ok);
}
