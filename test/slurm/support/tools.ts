import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { SlurmCommands } from '../../../src/adapters/slurm/slurm-commands.ts';
import type { Run } from '../../../src/ports/system.ts';

type Tool = 'scontrol' | 'squeue' | 'sacct' | 'sacctmgr' | 'scancel';

export interface Tools {
  readonly slurm: SlurmCommands;
  readonly directory: string;
  /** A shell script that stands in for the tool; it notes its arguments and environment first. */
  script(tool: Tool, body: string): void;
  /** Arguments of every call, oldest first, one list a call. */
  calls(): readonly (readonly string[])[];
  environment(): string;
}

/** A `bin_path` of our own, as R14 wants it. */
export function tools(run: Run, commandTimeout = 120_000): Tools {
  const directory = mkdtempSync(join(tmpdir(), 'asbb-slurm-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const log = join(directory, 'calls');
  const environment = join(directory, 'environment');
  writeFileSync(log, '');
  return {
    directory,
    slurm: new SlurmCommands(run, {
      binPath: `${directory}/`,
      configPath: '/etc/slurm/slurm.conf',
      clusterName: 'lab',
      commandTimeout,
    }),
    script: (tool, body) => {
      const file = join(directory, tool);
      const note = `{ for a in "$0" "$@"; do printf '%s\\037' "$a"; done; printf '\\n'; } >>'${log}'`;
      writeFileSync(file, `#!/bin/sh\n${note}\nenv >'${environment}'\n${body}\n`);
      chmodSync(file, 0o755);
    },
    calls: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
          const [file = '', ...args] = line.split('\u001f').slice(0, -1);
          return [file.slice(directory.length + 1), ...args];
        }),
    environment: () => readFileSync(environment, 'utf8'),
  };
}
