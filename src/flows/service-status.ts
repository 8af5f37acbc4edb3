import type { Ecosystem } from '../core/ecosystem.ts';
import { EXIT, type ExitCode, Fault } from '../core/errors.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { LedgerCare, LedgerInfo } from '../ports/ledger-care.ts';
import { MAINTAINED_NOTE } from './steps/maintained.ts';

export interface ServiceStatus {
  readonly isHealthy: boolean;
  /** `healthy`, `unhealthy: <why>`. */
  readonly store: string;
  readonly info: LedgerInfo | undefined;
  /** Epoch seconds; undefined: never ran. */
  readonly maintainedS: number | undefined;
  readonly ecosystem: Ecosystem;
  readonly exitCode: ExitCode;
}

export interface ServiceStatusPorts {
  readonly care: Pick<LedgerCare, 'info'>;
  readonly ledger: Pick<Ledger, 'read'>;
}

interface Stored {
  readonly info: LedgerInfo | undefined;
  readonly why: string;
  readonly maintained: string | undefined;
}

async function stored(ports: ServiceStatusPorts): Promise<Stored> {
  try {
    const info = await ports.care.info();
    const { notes } = await ports.ledger.read({ notes: [MAINTAINED_NOTE] });
    return { info, why: info.lockedBecause, maintained: notes[MAINTAINED_NOTE] };
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    return { info: undefined, why: error.message, maintained: undefined };
  }
}

/** `service status` (budget.md 2.6): no daemon, but a store, cron and what is built in. Exit 0 or 75. */
export async function serviceStatus(
  ecosystem: Ecosystem,
  ports: ServiceStatusPorts,
): Promise<ServiceStatus> {
  const { info, why, maintained } = await stored(ports);
  const isHealthy = info !== undefined && !info.isLocked;
  return {
    isHealthy,
    store: isHealthy ? 'healthy' : `unhealthy: ${why}`,
    info,
    maintainedS: maintained === undefined ? undefined : Number(maintained),
    ecosystem,
    exitCode: isHealthy ? EXIT.ok : EXIT.tryAgain,
  };
}
