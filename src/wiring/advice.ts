import { CommandAdvisor } from '../adapters/advisor/command-advisor.ts';
import { HttpAdvisor } from '../adapters/advisor/http-advisor.ts';
import { Ec2Cloud } from '../adapters/ec2/ec2-cloud.ts';
import { PlanFiles } from '../adapters/plans/plan-files.ts';
import { FileCatalog } from '../adapters/system/file-catalog.ts';
import type { Settings } from '../core/config/settings.ts';
import type { PlanValidatePorts } from '../flows/plan-validate.ts';
import { passwdEntry } from '../native/passwd.ts';
import type { Advisor } from '../ports/advisor.ts';
import type { Plans } from '../ports/plans.ts';
import type { Clock, Run } from '../ports/system.ts';

import type { FullPorts } from './full.ts';
import { pricingOf } from './pricing.ts';

const MICROS_PER_SECOND = 1_000_000;

/** Plans of the configured directories, and those that a person names. */
export function plansOf({ absa, ecosystem, slurm }: Settings, directory?: string): Plans {
  const directories = directory === undefined ? [absa.plan_dir] : [directory];
  return new PlanFiles(
    [...directories, ecosystem.data_exchange_dir].filter((path) => path !== ''),
    passwdEntry(slurm.user)?.uid ?? process.geteuid?.(),
  );
}

/** By `advisor.mode`: the program `absa.command`, or the address `advisor.url`. */
export function advisorOf(settings: Settings, run: Run, clock: Clock): Advisor {
  const { advisor, absa } = settings;
  return advisor.mode === 'http'
    ? new HttpAdvisor(advisor, () => Math.floor(clock.nowUs() / MICROS_PER_SECOND))
    : new CommandAdvisor(run, absa.command, absa.config_path);
}

/** Of `burst validate plan`. */
export function planWiring({ settings, clock }: FullPorts): PlanValidatePorts {
  return {
    settings,
    clock,
    plans: plansOf(settings),
    rateOf: pricingOf(settings).rateOf,
    uid: process.getuid?.() ?? 0,
    cloud: () => new Ec2Cloud(settings),
    catalog: new FileCatalog(settings.slurm.state_dir),
  };
}
