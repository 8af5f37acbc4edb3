import { CommandAdvisor } from '../adapters/advisor/command-advisor.ts';
import { HttpAdvisor } from '../adapters/advisor/http-advisor.ts';
import { SpawnRun } from '../adapters/system/spawn-run.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Advisor } from '../ports/advisor.ts';
import type { Clock } from '../ports/system.ts';

const MICROS_PER_SECOND = 1_000_000;

/** For `absa.at_submit`: loaded only then, and without execa. */
export function hotAdvisor({ advisor, absa }: Settings, clock: Clock): Advisor {
  return advisor.mode === 'http'
    ? new HttpAdvisor(advisor, () => Math.floor(clock.nowUs() / MICROS_PER_SECOND))
    : new CommandAdvisor(new SpawnRun(), absa.command, absa.config_path);
}
