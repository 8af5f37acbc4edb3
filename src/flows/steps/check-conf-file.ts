import type { Settings } from '../../core/config/settings.ts';
import { Fault, isRefused, type Refused, refused } from '../../core/errors.ts';
import { checkSlurmConf } from '../../core/slurm/conf/check.ts';
import { parseSlurmConf } from '../../core/slurm/conf/file.ts';
import type { Finding } from '../../core/slurm/conf/finding.ts';
import { luaText } from '../../core/slurm/conf/lua.ts';
import type { Slurm } from '../../ports/slurm.ts';
import type { Files } from '../../ports/system.ts';

export interface SlurmConfPorts {
  readonly settings: Settings;
  readonly slurm: Pick<Slurm, 'version'>;
  readonly files: Files;
  /** job_submit.lua as shipped. */
  readonly template: string;
  /** How this program is started. */
  readonly self: readonly string[];
}

const INCLUDE_DEPTH = 8;
const RELATIVE_TO = /[^/]*$/u;

/** The file with what it includes; undefined when one of them cannot be read. */
function wholeText(path: string, files: Files, depth = 0): string | undefined {
  const text = files.read(path);
  if (text === undefined || depth > INCLUDE_DEPTH) {
    return undefined;
  }
  const directory = path.replace(RELATIVE_TO, '');
  const included = parseSlurmConf(text).includes.map((file) =>
    wholeText(file.startsWith('/') ? file : `${directory}${file}`, files, depth + 1),
  );
  return [text, ...included.map((each) => each ?? '')].join('\n');
}

async function versionOf(slurm: SlurmConfPorts['slurm']): Promise<string | undefined> {
  try {
    return await slurm.version();
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    return undefined; // a machine without SLURM's commands can still look at a file
  }
}

/** What a slurm.conf lacks for the burst partitions; NOT_FOUND when it cannot be read. */
export async function checkConfFile(
  file: string,
  ports: SlurmConfPorts,
): Promise<readonly Finding[] | Refused> {
  const { settings, files } = ports;
  const text = wholeText(file, files);
  if (text === undefined) {
    return refused('NOT_FOUND', `${file} cannot be read`, {
      advice: 'name the slurm.conf to check',
    });
  }
  const luaWanted = luaText(settings, ports);
  if (isRefused(luaWanted)) {
    return luaWanted;
  }
  const facts = {
    isExecutable: (path: string) => files.isExecutable(path),
    luaText: files.read(file.replace(RELATIVE_TO, 'job_submit.lua')),
    luaWanted,
    version: await versionOf(ports.slurm),
  };
  return checkSlurmConf({ conf: parseSlurmConf(text), settings, facts });
}
