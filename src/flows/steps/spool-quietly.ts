import { Fault } from '../../core/errors.ts';
import type { Log, Spool } from '../../ports/system.ts';

/**
 * One line beside the ledger that cannot be used; if even that fails, the log, which stands elsewhere,
 * keeps it (burst.md 11, F42), and tags and sacct still tell.
 */
export function spoolQuietly(
  { spool, log }: { readonly spool: Spool; readonly log: Log },
  kind: string,
  record: Readonly<Record<string, unknown>>,
): void {
  try {
    spool.put(kind, record);
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    log.write('error', 'spool_failed', {
      kind,
      record: JSON.stringify(record),
      msg: error.message,
    });
  }
}
