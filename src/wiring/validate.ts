import { Ec2Site } from '../adapters/ec2/ec2-site.ts';
import { ExecaRun } from '../adapters/system/execa-run.ts';
import { LocalFiles } from '../adapters/system/local-files.ts';
import type { Settings } from '../core/config/settings.ts';
import { wrapperBeside } from '../core/slurm/conf/lines.ts';
import type { BurstValidatePorts } from '../flows/burst-validate.ts';
import { apiBudget, slurmOf } from './burst.ts';
import type { FullPorts } from './full.ts';
import { pricingOf } from './pricing.ts';
import { slurmConfPorts } from './slurm-conf.ts';

/** Of `burst validate … --live` and `burst validate integration`. */
export async function validateWiring(ports: FullPorts): Promise<BurstValidatePorts> {
  const { settings, clock, care } = ports;
  const { template, self } = await slurmConfPorts(ports);
  return {
    settings,
    clock,
    care,
    template,
    self,
    slurm: slurmOf(settings),
    site: new Ec2Site(settings, apiBudget(settings, ports)),
    files: new LocalFiles(),
    run: new ExecaRun(),
    rateOf: () => pricingOf(settings).rateOf,
    hasReboot: hasReboot(settings),
  };
}

/** RebootProgram's wrapper lies beside that of resume. */
export function hasReboot({ slurm }: Settings): boolean {
  return new LocalFiles().isExecutable(wrapperBeside(slurm.resume_program, 'reboot'));
}
