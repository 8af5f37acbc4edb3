import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type CacheKey, readCache, writeCache } from '../../src/adapters/config/cache.ts';
import { type LoadOptions, loadSettings } from '../../src/adapters/config/load.ts';
import { Fault } from '../../src/core/errors.ts';

function folder() {
  const made = mkdtempSync(join(tmpdir(), 'asbb-config-'));
  onTestFinished(() => {
    rmSync(made, { recursive: true, force: true });
  });
  return made;
}

function setUp(extra = '') {
  const root = folder();
  const file = join(root, 'config.yaml');
  const text = `slurm:\n  cluster_name: hpc1\n  state_dir: ${root}\n${extra}`;
  writeFileSync(file, text);
  const options: LoadOptions = {
    environment: {},
    flag: file,
    workingDirectory: '/',
    isUser: () => true,
    version: '1.0.0',
    isHook: true,
  };
  return { root, file, text, options, cache: join(root, 'config.cache.json') };
}

/** The cached text with a value that only the cache can have. */
function mark(cache: string): void {
  writeFileSync(cache, readFileSync(cache, 'utf8').replace('"user":"slurm"', '"user":"cached"'));
}

describe('the cache of the settings', () => {
  it('is written by the first hook and gives the next one the same', async () => {
    const { options, cache } = setUp();
    const first = await loadSettings(options);
    expect(statSync(cache).mode & 0o777).toBe(0o600);
    expect(await loadSettings(options)).toEqual(JSON.parse(JSON.stringify(first)));
    mark(cache);
    expect((await loadSettings(options)).slurm.user).toBe('cached');
  });

  it.each<[string, (made: ReturnType<typeof setUp>) => LoadOptions]>([
    [
      'another text',
      ({ file, text, options }) => {
        writeFileSync(file, `${text}# changed\n`);
        return options;
      },
    ],
    ['another variable', ({ options }) => ({ ...options, environment: { ASBB_CONFIG: 'x' } })],
    ['another version', ({ options }) => ({ ...options, version: '1.0.1' })],
    ['a program run from its sources', ({ options }) => ({ ...options, version: undefined })],
    ['a command of a person', ({ options }) => ({ ...options, isHook: false })],
    [
      'a cache that others may write',
      ({ cache, options }) => {
        chmodSync(cache, 0o622);
        return options;
      },
    ],
    [
      'a link in its place',
      ({ root, cache, options }) => {
        writeFileSync(join(root, 'elsewhere'), readFileSync(cache));
        rmSync(cache);
        symlinkSync(join(root, 'elsewhere'), cache);
        return options;
      },
    ],
    [
      'half a cache',
      ({ cache, options }) => {
        writeFileSync(cache, readFileSync(cache, 'utf8').slice(0, 300));
        return options;
      },
    ],
    [
      'a cache of something else',
      ({ cache, options }) => {
        writeFileSync(cache, 'null');
        return options;
      },
    ],
  ])('is not used with %s', async (_, disturb) => {
    const made = setUp();
    await loadSettings(made.options);
    mark(made.cache);
    expect((await loadSettings(disturb(made))).slurm.user).toBe('slurm');
  });

  it('is kept by commands too, each user for itself and beside that of the hooks', async () => {
    const { root, options, cache } = setUp();
    await loadSettings(options);
    const command = { ...options, isHook: false, environment: { ASBB_CONFIG: 'x' } };
    await loadSettings(command);
    mark(join(root, `config.cache.${process.geteuid?.()}.json`));
    expect((await loadSettings(command)).slurm.user).toBe('cached');
    mark(cache); // still there: a command with other variables did not take it from the hooks
    expect((await loadSettings(options)).slurm.user).toBe('cached');
  });

  it('is waited for when another process is just making it', async () => {
    const { root, options, cache } = setUp();
    await loadSettings(options);
    mark(cache);
    renameSync(cache, join(root, 'later'));
    writeFileSync(`${cache}.new`, '');
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] }); // it has half a second of patience
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const waiting = loadSettings(options);
    await vi.advanceTimersByTimeAsync(30);
    renameSync(join(root, 'later'), cache);
    await vi.advanceTimersByTimeAsync(30);
    expect((await waiting).slurm.user).toBe('cached');
  });

  it.each([
    ['died over it', 0],
    ['died over it long ago', 10],
  ])('is made by the next when a process %s', async (_, ago) => {
    const { options, cache } = setUp();
    writeFileSync(`${cache}.new`, '');
    utimesSync(`${cache}.new`, Date.now() / 1000 - ago, Date.now() / 1000 - ago);
    expect((await loadSettings(options)).slurm.user).toBe('slurm');
    expect(existsSync(cache)).toBe(true);
    expect(existsSync(`${cache}.new`)).toBe(false);
  });

  it('leaves no claim behind when the configuration is wrong', async () => {
    const { file, root, options, cache } = setUp();
    writeFileSync(file, `slurm: { state_dir: ${root}, nonsense: 1 }\n`);
    await expect(loadSettings(options)).rejects.toThrow(Fault);
    expect(existsSync(`${cache}.new`)).toBe(false);
  });

  it('follows the slurm.conf that the name of the cluster came from', async () => {
    const made = setUp();
    const conf = join(made.root, 'slurm.conf');
    writeFileSync(conf, 'ClusterName=One\n');
    writeFileSync(made.file, `slurm:\n  state_dir: ${made.root}\n  config_path: ${conf}\n`);
    expect((await loadSettings(made.options)).slurm.cluster_name).toBe('one');
    writeFileSync(conf, '# moved\nClusterName=Two\n');
    expect((await loadSettings(made.options)).slurm.cluster_name).toBe('two');
  });

  it('is no matter when it cannot be written', async () => {
    const { file, options } = setUp();
    writeFileSync(file, 'slurm: { cluster_name: x, state_dir: /nonexistent/state }\n');
    expect((await loadSettings(options)).slurm.cluster_name).toBe('x');
    expect(existsSync('/nonexistent')).toBe(false);
  });

  it('is looked for where the configuration says, also in flow style', () => {
    const { root } = setUp();
    const key: CacheKey = {
      version: '1',
      file: '/c',
      text: `slurm: { cluster_name: x, state_dir: ${root} }`,
      variables: [],
      isHook: true,
    };
    // Only what the cache itself reads of the settings.
    writeCache(key, { slurm: { state_dir: root } } as Parameters<typeof writeCache>[1], undefined);
    expect(readCache(key)).toMatchObject({ slurm: { state_dir: root } });
  });
});

describe('a configuration that cannot be used', () => {
  it('is a Fault 2 with every problem', async () => {
    const { file, options } = setUp();
    writeFileSync(file, 'slurm: { suspend_time: x }\nmpi: { efa_default: x }\n');
    const error: unknown = await loadSettings(options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Fault);
    expect(error).toMatchObject({ exitCode: 2 });
    expect(String(error).split('\n')).toHaveLength(2);
  });

  it.each([
    ['missing', (file: string) => rmSync(file), 2, 'cannot be read'],
    ['writable by everybody', (file: string) => chmodSync(file, 0o666), 1, 'writable by everybody'],
  ])('%s', async (_, disturb, exitCode, text) => {
    const { file, options } = setUp();
    disturb(file);
    const error: unknown = await loadSettings(options).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ exitCode });
    expect(String(error)).toContain(text);
  });
});
