import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { passwdEntries } from '../../native/passwd.ts';
import { Complaint } from '../complaint.ts';
import { MARKER, parseSlurmConf, type SlurmConf } from '../conf/slurm-conf.ts';
import { type Option, parseOptions } from '../options.ts';
import { Store } from '../store/store.ts';
import type { Surroundings } from '../surroundings.ts';

const OPTIONS: readonly Option[] = [
  { name: 'conf', takes: 'value' },
  { name: 'clock', takes: 'value' },
];
const COMMANDS = ['sacct', 'sacctmgr', 'scontrol', 'squeue', 'sinfo', 'sbatch', 'scancel'];
const FIRST_UID = 64_101;
const FIRST_GID = 1001;
const HAS_CLOCK = /^#\s*asbb-clock\s/m;

/** Makes DIR/bin (the seven commands), DIR/etc/slurm.conf and DIR/state/emulator.db. */
export function init(args: readonly string[], surroundings: Surroundings): number {
  const { options, words } = parseOptions('emulate init', args, OPTIONS);
  const [where, ...more] = words;
  if (where === undefined || more.length > 0) {
    throw new Complaint('usage: asbb emulate init DIR [--conf FILE] [--clock FILE]', 2);
  }
  const directory = resolve(surroundings.cwd, where);
  const path = join(directory, 'etc/slurm.conf');
  const text = completed(sourceText(options.get('conf'), surroundings), options, surroundings);
  const conf = parseSlurmConf(text, path);
  for (const name of ['bin', 'etc', 'state']) {
    mkdirSync(join(directory, name), { recursive: true });
  }
  writeFileSync(path, text);
  makeLinks(join(directory, 'bin'), surroundings);
  makeDatabase(join(directory, 'state'), conf, surroundings);
  return 0;
}

function sourceText(file: string | undefined, { cwd, self, env }: Surroundings): string {
  if (file !== undefined) {
    return readFileSync(resolve(cwd, file), 'utf8');
  }
  const [program = '', ...words] = self;
  const { status, stdout } = spawnSync(program, [...words, 'slurm', 'conf'], {
    env,
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw new Complaint('emulate init: `asbb slurm conf` failed; give --conf FILE');
  }
  return stdout;
}

/** The marker, the clock, one node that is always up, and the caller as SlurmUser. */
function completed(
  source: string,
  options: ReadonlyMap<string, string>,
  surroundings: Surroundings,
): string {
  const clock = options.get('clock');
  if (clock === undefined && !HAS_CLOCK.test(source)) {
    throw new Complaint(
      'emulate init: no line "# asbb-clock PATH" in the file; give --clock FILE',
      2,
    );
  }
  const conf = parseSlurmConf(source, 'slurm.conf');
  const hasDefault = [...conf.partitions.values()].some((partition) => partition.isDefault);
  const hasStatic = [...conf.nodes.values()].some((node) => !node.isCloud);
  const spared = [...conf.suspendExcNodes, 'static-1'].join(',');
  return [
    MARKER,
    source.trimEnd(),
    ...(clock === undefined ? [] : [`# asbb-clock ${resolve(surroundings.cwd, clock)}`]),
    ...(conf.keys.has('slurmuser') ? [] : [`SlurmUser=${surroundings.caller}`]),
    ...(hasStatic
      ? []
      : [
          'NodeName=static-1 CPUs=4 RealMemory=4000 State=UNKNOWN',
          `PartitionName=static Nodes=static-1 Default=${hasDefault ? 'NO' : 'YES'} MaxTime=INFINITE State=UP`,
          `SuspendExcNodes=${spared}`,
        ]),
    '',
  ].join('\n');
}

/** Links to the executable; from the sources a link cannot say which script: a line of sh does. */
function makeLinks(directory: string, { self }: Surroundings): void {
  const [program = '', script] = self;
  for (const name of COMMANDS) {
    const path = join(directory, name);
    rmSync(path, { force: true });
    if (script === undefined) {
      symlinkSync(program, path);
    } else {
      writeFileSync(path, `#!/bin/sh\nexec '${program}' '${script}' emulate call ${name} "$@"\n`);
      chmodSync(path, 0o755);
    }
  }
}

function makeDatabase(directory: string, conf: SlurmConf, { caller }: Surroundings): void {
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(join(directory, `emulator.db${suffix}`), { force: true });
  }
  const store = new Store(directory);
  store.createTables();
  store.exclusively(() => {
    const users = [...new Set(conf.associations.flatMap((each) => each.users))];
    const known = new Map(passwdEntries().map(({ name, uid, gid }) => [name, [uid, gid] as const]));
    const { uid, gid } = userInfo();
    for (const name of new Set([caller, conf.slurmUser, ...users])) {
      const ids = known.get(name) ?? (name === caller ? [uid, gid] : invented(users, name));
      store.run('INSERT INTO person VALUES (?, ?, ?)', name, ...ids);
    }
  });
  store.close();
}

function invented(users: readonly string[], name: string): readonly [number, number] {
  const index = Math.max(0, users.indexOf(name));
  return [FIRST_UID + index, FIRST_GID + index];
}
