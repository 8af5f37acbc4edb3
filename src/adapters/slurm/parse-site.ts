import { shown, unreadable } from './unreadable.ts';

const SETTING = /^([A-Za-z][A-Za-z0-9_/()-]*) += ?(.*)$/;
const VERSION = /^slurm(?:-wlm|-emulator)? ([0-9]+\.[0-9]+\S*)/;

/** `Key = Value` lines of `scontrol show config`; headings and blank lines are skipped. */
export function parseConfig(output: string): Readonly<Record<string, string>> {
  const pairs = output.split('\n').flatMap((line) => {
    const [, key, value = ''] = SETTING.exec(line.trimEnd()) ?? [];
    return key === undefined ? [] : [[key, value.trim()] as const];
  });
  if (!pairs.some(([key]) => key === 'ClusterName')) {
    throw unreadable('scontrol show config', `no ClusterName in ${shown(output)}`);
  }
  return Object.fromEntries(pairs);
}

/** `22.05.8` of `slurm-wlm 22.05.8`. */
export function parseVersion(output: string): string {
  const version = VERSION.exec(output)?.[1];
  if (version === undefined) {
    throw unreadable('scontrol --version', shown(output));
  }
  return version;
}

/** `Cluster|Account|User`: the rows that name a user. */
export function parseAssociations(
  output: string,
  cluster: string,
): readonly { readonly account: string; readonly user: string }[] {
  const lines = output.split('\n');
  if (lines.pop() !== '') {
    throw unreadable('sacctmgr show assoc', 'cut in the middle of a line');
  }
  return lines.flatMap((line) => {
    const [name, account = '', user, ...more] = line.split('|');
    if (user === undefined || more.length > 0) {
      throw unreadable('sacctmgr show assoc', `not an association: ${shown(line)}`);
    }
    return name === cluster && user !== '' ? [{ account, user }] : [];
  });
}
