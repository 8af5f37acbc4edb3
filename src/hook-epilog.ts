import type { Settings } from './core/config/settings.ts';
import { EXIT, type ExitCode, Fault } from './core/errors.ts';
import { epilogCall } from './core/slurm/epilog-call.ts';
import { epilog } from './flows/epilog.ts';
import { epilogEnvironment, epilogWiring } from './wiring/epilog.ts';

/** EpilogSlurmctld: everything it has to say stands in the environment; it answers by its exit code. */
export async function hookEpilog(settings: Settings): Promise<ExitCode> {
  const call = epilogCall(epilogEnvironment());
  if (call === undefined) {
    throw new Fault('SLURM_JOB_ID is not set: this is for EpilogSlurmctld', {
      exitCode: EXIT.usage,
    });
  }
  const ports = epilogWiring(settings);
  try {
    return await epilog(call, ports);
  } catch (error) {
    const msg = error instanceof Error ? error.message : String(error);
    ports.log.write('error', 'hook_failed', { hook: 'epilog', job_id: call.jobId, msg });
    throw error;
  } finally {
    ports.close();
  }
}
