import type { Refused } from '../core/errors.ts';
import type { Finding } from '../core/slurm/conf/finding.ts';
import { slurmConfText } from '../core/slurm/conf/lines.ts';
import { luaText } from '../core/slurm/conf/lua.ts';
import { checkConfFile, type SlurmConfPorts } from './steps/check-conf-file.ts';

/** The lines for slurm.conf, or job_submit.lua with its constants. */
export function printSlurmConf(isLua: boolean, ports: SlurmConfPorts): string | Refused {
  return isLua ? luaText(ports.settings, ports) : slurmConfText(ports.settings);
}

/** What a slurm.conf lacks for the burst partitions; NOT_FOUND when it cannot be read. */
export async function checkSlurmConfFile(
  file: string,
  ports: SlurmConfPorts,
): Promise<readonly Finding[] | Refused> {
  return await checkConfFile(file, ports);
}
