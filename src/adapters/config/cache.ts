import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Settings } from '../../core/config/settings.ts';

// The settings as JSON, so that neither yaml nor zod is loaded. It is used only when it was made by this
// very executable from the same text and variables; whatever is odd about it is a miss.

/** What settings are made of; equal keys give equal settings. */
export interface CacheKey {
  readonly version: string;
  readonly file: string;
  readonly text: string;
  readonly variables: readonly (readonly [string, string])[];
  /** Hooks keep their own: commands, started with other variables, must not take it from them. */
  readonly isHook: boolean;
}

interface Cached {
  readonly key: CacheKey;
  /** Of the executable and of the slurm.conf that the cluster's name came from. */
  readonly stamps: readonly (readonly [path: string, stamp: string])[];
  readonly settings: Settings;
}

const MODE = 0o600;
const OTHERS_MAY_WRITE = 0o022;
const MAX_BYTES = 8_388_608;

/** Commands keep one for each user: nobody trusts another's, but for root's, and that is private. */
function nameOf({ isHook }: CacheKey): string {
  return isHook ? 'config.cache.json' : `config.cache.${process.geteuid?.() ?? 0}.json`;
}

/** Who a file is: another file, or another content, has another stamp. */
function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeMs}`;
}

const VALUE = /["']?:[ \t]*["']?(\/[^\s"'#,}]+)/uy;
const BEFORE_NAME = /[\s{,"']/u;

/** `name: /path`, wherever it stands. A pattern for the whole would look at each letter of the file. */
function pathUnder(name: string, text: string): string | undefined {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    VALUE.lastIndex = at + name.length;
    const [, path] = VALUE.exec(text) ?? [];
    if (path !== undefined && (at === 0 || BEFORE_NAME.test(text.charAt(at - 1)))) {
      return path;
    }
  }
  return undefined;
}

/** Where the cache of these settings probably is. Only a place to look: the key inside decides. */
function likelyStateDirectory({ text, variables }: CacheKey): string {
  function named(name: string): string | undefined {
    return variables.find(([variable]) => variable === name)?.[1];
  }
  const dsn = named('ASBB_DATABASE_DSN') ?? pathUnder('dsn', text) ?? '/var/lib/asbb/asbb.db';
  return named('ASBB_SLURM_STATE_DIR') ?? pathUnder('state_dir', text) ?? dirname(dsn);
}

/** The text of a file that nobody but root and we can have written. */
function readOwn(path: string): string | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    const isOwn = stat.uid === 0 || stat.uid === process.geteuid?.();
    const isSound = stat.isFile() && (stat.mode & OTHERS_MAY_WRITE) === 0 && stat.size <= MAX_BYTES;
    return isOwn && isSound ? readFileSync(fd, 'utf8') : undefined;
  } finally {
    closeSync(fd);
  }
}

function isSame(a: CacheKey, b: CacheKey): boolean {
  return (
    a.version === b.version &&
    a.file === b.file &&
    a.text === b.text &&
    a.isHook === b.isHook &&
    a.variables.length === b.variables.length &&
    a.variables.every(
      ([name, value], at) => b.variables[at]?.[0] === name && b.variables[at][1] === value,
    )
  );
}

export function readCache(key: CacheKey): Settings | undefined {
  try {
    const text = readOwn(join(likelyStateDirectory(key), nameOf(key)));
    // Written by writeCache() of this executable: the stamp of the executable says so.
    const cached = text === undefined ? undefined : (JSON.parse(text) as Cached);
    return cached !== undefined &&
      isSame(cached.key, key) &&
      cached.stamps.some(([path]) => path === process.execPath) &&
      cached.stamps.every(([path, stamp]) => stampOf(path) === stamp)
      ? cached.settings
      : undefined;
  } catch {
    return undefined; // no cache, or no longer one: the configuration is read in full
  }
}

const CLAIM_MS = 3000;
const PATIENCE_MS = 500;
const LOOK_MS = 10;

/**
 * Is it this process that reads the configuration in full? That takes 0.1 s of CPU, so when many hooks
 * meet a new configuration one does it and the others wait for its cache. A claim lasts three seconds,
 * whatever became of its process.
 */
function claim(path: string): boolean {
  const file = `${path}.new`;
  try {
    const made = statSync(file, { throwIfNoEntry: false });
    if (made !== undefined && Date.now() - made.mtimeMs > CLAIM_MS) {
      rmSync(file, { force: true });
    }
    closeSync(openSync(file, 'wx', MODE));
    return true;
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    return !isTaken; // where nothing can be written each is for itself
  }
}

/** The settings were written, or there are none. */
export function dropClaim(key: CacheKey): void {
  remove(`${join(likelyStateDirectory(key), nameOf(key))}.new`);
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A folder that is not ours: there is nothing of ours in it. A claim runs out by itself.
  }
}

/** The settings that another process is just reading; undefined: read them yourself. */
export async function awaitCache(key: CacheKey): Promise<Settings | undefined> {
  const path = join(likelyStateDirectory(key), nameOf(key));
  if (claim(path)) {
    return undefined;
  }
  const until = performance.now() + PATIENCE_MS;
  do {
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_MS);
    });
    const cached = readCache(key);
    if (cached !== undefined) {
      return cached;
    }
  } while (performance.now() < until);
  return undefined;
}

/** Best effort, whole or not at all. */
export function writeCache(key: CacheKey, settings: Settings, slurmConf: string | undefined): void {
  const path = join(settings.slurm.state_dir, nameOf(key));
  const temporary = `${path}.${process.pid}`;
  try {
    const files = [process.execPath, ...(slurmConf === undefined ? [] : [slurmConf])];
    const stamps = files.map((file) => [file, stampOf(file)] as const);
    const cached: Cached = { key, stamps, settings };
    writeFileSync(temporary, JSON.stringify(cached), { mode: MODE, flag: 'wx' });
    renameSync(temporary, path);
  } catch {
    remove(temporary);
  }
  dropClaim(key);
}
