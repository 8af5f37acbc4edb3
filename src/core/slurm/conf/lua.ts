import type { Settings } from '../../config/settings.ts';
import { type Refused, refused } from '../../errors.ts';

/** A word that a shell takes as it stands. */
const PLAIN = /^[A-Za-z0-9_./:@+-]+$/u;
/** Bun compiles nothing while we run: a fifth of such a short process (npm run bench). No other reads it. */
const NO_JIT = 'BUN_JSC_useJIT=0';
const SYSTEM_CONFIG = '/etc/asbb/config.yaml';

export interface LuaFacts {
  /** job_submit.lua as shipped. */
  readonly template: string;
  /** How asbb is started: an absolute path, from the sources also the script. */
  readonly self: readonly string[];
}

function commandLine(settings: Settings, self: readonly string[], hook: string): string {
  const config =
    settings.source === '' || settings.source === SYSTEM_CONFIG
      ? []
      : ['--config', settings.source];
  const timeout = ['/usr/bin/timeout', '-s', 'KILL', '2'];
  return [NO_JIT, ...timeout, ...self, 'hook', hook, ...config, ''].join(' ');
}

/** job_submit.lua with its constants (burst.md 7.8). VALIDATION_ERROR: a path that a shell would not take. */
export function luaText(settings: Settings, { template, self }: LuaFacts): string | Refused {
  const { state_dir, partitions } = settings.slurm;
  const odd = [...self, settings.source || SYSTEM_CONFIG, state_dir].find(
    (word) => !PLAIN.test(word),
  );
  if (odd !== undefined) {
    return refused('VALIDATION_ERROR', `${odd} cannot stand in a command line`, {
      advice: 'use a path of letters, digits and . _ - / only',
    });
  }
  const burst = partitions.map(({ partition_name, fail }) => `["${partition_name}"] = "${fail}"`);
  const constants: Readonly<Record<string, string>> = {
    BURST: `{ ${burst.join(', ')} }`,
    DIR: `"${state_dir}/submit/"`,
    CMD: `"${commandLine(settings, self, 'submit')}"`,
    CMD_MODIFY: `"${commandLine(settings, self, 'modify')}"`,
  };
  return Object.entries(constants).reduce(
    (text, [name, value]) =>
      text.replace(
        new RegExp(`^(local ${name} = )(?:\\{\\}|"")`, 'mu'),
        (_, head: string) => head + value,
      ),
    template,
  );
}
