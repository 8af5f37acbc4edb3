import { Bug, EXIT, Fault } from '../../core/errors.ts';

const ADVICE_VERIFY = 'run asbb ledger verify; restore a backup with asbb ledger restore FILE';
const ADVICE_AGAIN = 'repeat the same request';

/** `SQLITE_BUSY_SNAPSHOT` of an error of the driver, `ENOSPC` of the system, '' of anything else. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}

/** `SQLITE_IOERR_FSYNC` → `SQLITE_IOERR`. */
function family(code: string): string {
  return code.split('_', 2).join('_');
}

type Meaning = readonly [text: string, exitCode: 1 | 22 | 75, advice: string];

/** Auditors read a copy: a reader of the ledger itself would have to write beside it (reliability.md 4.1). */
const NOT_YOURS: Meaning = [
  'the budget ledger is not yours to open',
  EXIT.fault,
  'read a copy: asbb ledger backup FILE as the SlurmUser, then ASBB_DATABASE_DSN=FILE; or check owner and mode',
];

const FAULTS: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['SQLITE_BUSY', ['the budget ledger is busy', EXIT.tryAgain, ADVICE_AGAIN]],
  ['SQLITE_LOCKED', ['the budget ledger is busy', EXIT.tryAgain, ADVICE_AGAIN]],
  ['SQLITE_PROTOCOL', ['the budget ledger is busy', EXIT.tryAgain, ADVICE_AGAIN]],
  [
    'SQLITE_FULL',
    [
      'the disk of the budget ledger is full',
      EXIT.tryAgain,
      'make room in the state directory, then repeat',
    ],
  ],
  ['SQLITE_IOERR', ['the budget ledger cannot be read or written', EXIT.tryAgain, ADVICE_AGAIN]],
  [
    'SQLITE_CANTOPEN',
    ['the budget ledger cannot be opened', EXIT.tryAgain, 'run asbb doctor, then repeat'],
  ],
  ['SQLITE_CORRUPT', ['the budget ledger is damaged', EXIT.integrity, ADVICE_VERIFY]],
  ['SQLITE_NOTADB', ['the budget ledger is not a database', EXIT.integrity, ADVICE_VERIFY]],
  ['SQLITE_READONLY', NOT_YOURS],
  ['EACCES', NOT_YOURS],
  ['EPERM', NOT_YOURS],
]);

/** What an error of SQLite means to the caller. Our own errors pass through. */
export function toFault(error: unknown): Error {
  if (error instanceof Fault || error instanceof Bug) {
    return error;
  }
  const code = codeOf(error);
  const known = FAULTS.get(family(code));
  if (known !== undefined) {
    const [text, exitCode, advice] = known;
    return new Fault(`${text} (${code})`, { cause: error, exitCode, advice });
  }
  if (family(code) === 'SQLITE_CONSTRAINT') {
    return new Bug(`the ledger refused what was decided: ${String(error)}`, { cause: error });
  }
  return error instanceof Error ? error : new Fault(String(error), { cause: error });
}

/** For files beside the ledger: a full disk may have room again, everything else needs a person. */
export function failWith(what: string, error: unknown): Error {
  if (error instanceof Fault || error instanceof Bug) {
    return error;
  }
  const code = codeOf(error);
  const mayPass = ['ENOSPC', 'EDQUOT', 'EIO'].includes(code) || code.startsWith('SQLITE_');
  return new Fault(`${what}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
    exitCode: mayPass ? EXIT.tryAgain : EXIT.fault,
    advice: mayPass
      ? 'repeat the same request'
      : 'check that the path exists and that this user may read and write it',
  });
}

/** COMMIT failed: what was decided may stand, and may even appear later (reliability.md 2.2). */
export function inDoubt(error: unknown): Fault {
  return new Fault(`the ledger did not confirm the commit (${codeOf(error) || String(error)})`, {
    cause: error,
    exitCode: EXIT.tryAgain,
    inDoubt: true,
    advice: 'repeat the same request under the same key: it tells what stands',
  });
}
