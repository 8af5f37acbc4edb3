import { EXIT, type ExitCode, Fault } from '../core/errors.ts';
import type { EpilogCall } from '../core/slurm/epilog-call.ts';
import type { Spool } from '../ports/system.ts';
import { type EndOfRunPorts, settleCall } from './steps/settle/end-of-run.ts';
import { spoolQuietly } from './steps/spool-quietly.ts';

export interface EpilogPorts extends EndOfRunPorts {
  readonly spool: Spool;
}

/**
 * EpilogSlurmctld: a hint at the start of COMPLETING (burst.md SL-4). Ties the hold to the run, keeps
 * what only scontrol tells now, settles what is known already, writes the provisional cost file. Twice
 * is once, never is `maintain`'s work. 75 and a line in the spool when SLURM or the ledger cannot be
 * used: the job's end is never blocked (reliability.md 2.5).
 */
export async function epilog(call: EpilogCall, ports: EpilogPorts): Promise<ExitCode> {
  const isOurs = ports.settings.slurm.partitions.some(
    ({ partition_name: name }) => name === call.partition,
  );
  if (!isOurs) {
    return EXIT.ok;
  }
  try {
    await settleCall(call, ports);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    ports.log.write('error', 'epilog_spooled', { job_id: call.jobId, msg: error.message });
    spoolQuietly(ports, 'epilog', { ...call, atUs: ports.clock.nowUs() });
    return EXIT.tryAgain;
  }
}
