import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Settings } from '../../core/config/settings.ts';
import { EXIT, Fault } from '../../core/errors.ts';
import { awaitCache, type CacheKey, dropClaim, readCache, writeCache } from './cache.ts';
import { type Caller, findConfig } from './find.ts';
import { relevant } from './relevant.ts';

export interface LoadOptions extends Caller {
  /** Of the executable; undefined when the sources run unbuilt: then nothing is cached. */
  readonly version: string | undefined;
  /** Whose cache it is. Who cannot write to the state directory has none. */
  readonly isHook: boolean;
}

const OTHERS_MAY_WRITE = 0o002;

function readText(path: string): string {
  if (path === '') {
    return '';
  }
  try {
    const fd = openSync(path, 'r');
    try {
      if ((fstatSync(fd).mode & OTHERS_MAY_WRITE) !== 0) {
        throw new Fault(`${path} is writable by everybody`, { advice: `chmod o-w ${path}` });
      }
      return readFileSync(fd, 'utf8');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof Fault) {
      throw error;
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault(`the configuration ${path} cannot be read: ${reason}`, {
      cause: error,
      exitCode: EXIT.usage,
    });
  }
}

/**
 * The settings of `--config`, ASBB_CONFIG, or the first of the usual files, with ASBB_… variables on
 * top. Fault 2 with every problem, one a line.
 */
export async function loadSettings(options: LoadOptions): Promise<Settings> {
  const file = findConfig(options);
  const key: CacheKey = {
    version: options.version ?? '',
    file,
    text: readText(file),
    variables: relevant(options.environment),
    isHook: options.isHook,
  };
  const mayCache = options.version !== undefined;
  const cached = mayCache ? (readCache(key) ?? (await awaitCache(key))) : undefined;
  if (cached !== undefined) {
    return cached;
  }
  const { readConfig } = await import('./read-config.ts'); // yaml and zod: only when the cache missed
  const { renderProblem } = await import('./problem.ts');
  const read = readConfig(key.text, file, options.environment);
  if (read.settings === undefined) {
    dropClaim(key);
    throw new Fault(read.problems.map(renderProblem).join('\n'), {
      exitCode: EXIT.usage,
      advice: 'see asbb config validate',
    });
  }
  if (mayCache) {
    writeCache(key, read.settings, read.slurmConf);
  }
  return read.settings;
}
