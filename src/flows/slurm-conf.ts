import type { Refused } from '../core/errors.ts';
import { slurmConfText } from '../core/slurm/conf/lines.ts';
import { luaText } from '../core/slurm/conf/lua.ts';
import type { SlurmConfPorts } from './steps/check-conf-file.ts';

export { checkConfFile, type SlurmConfPorts } from './steps/check-conf-file.ts';

/** The lines for slurm.conf, or job_submit.lua with its constants. */
export function printSlurmConf(isLua: boolean, ports: SlurmConfPorts): string | Refused {
  return isLua ? luaText(ports.settings, ports) : slurmConfText(ports.settings);
}
