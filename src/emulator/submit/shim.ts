import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Cluster, clockOf } from '../cluster.ts';
import { Complaint } from '../complaint.ts';
import { seconds } from '../times.ts';

/** The constants of the installed job_submit.lua (burst.md 7.8). */
export interface Shim {
  readonly burst: ReadonlyMap<string, string>;
  readonly directory: string;
  readonly submit: string;
  readonly modify: string;
  /** What a user is told when a closed partition gets no answer. */
  readonly busy: string;
}

/** What the answer line makes of the submission; `code` is the name of SLURM's return code. */
export interface Verdict {
  readonly code: string;
  readonly text: string;
  /** Undefined: none is set. */
  readonly token: string | undefined;
}

export type Request = Readonly<Record<string, unknown>>;

const BURST = /^local BURST\s*=\s*\{([^}]*)\}/m;
const ENTRY = /(?:\[\s*"((?:[^"\\]|\\.)*)"\s*\]|([A-Za-z_][A-Za-z0-9_]*))\s*=\s*"(closed|open)"/g;
const TEXT = /"((?:[^"\\]|\\.)*)"/;
const SAFE = /^[A-Za-z0-9 _.,:=+/@-]$/;
const OK = /^asbb1 ok (\S+) ?(.*)$/;
const NO = /^asbb1 no ([a-z]+) (.*)$/;
const LINE = /^([^\n]*)\n$/;
const BLANKS = /\s+/;
const LONGEST_STRING = 1024;
const LONGEST_ANSWER = 65_536;

const CODES: Readonly<Record<string, string>> = {
  policy: 'ESLURM_ACCOUNTING_POLICY',
  account: 'ESLURM_INVALID_ACCOUNT',
  time: 'ESLURM_INVALID_TIME_LIMIT',
  nodes: 'ESLURM_INVALID_NODE_COUNT',
  retry: 'ERROR',
};

/** Undefined where slurm.conf asks for no Lua plugin. */
export function readShim(cluster: Cluster): Shim | undefined {
  if (!cluster.conf.hasLua) {
    return undefined;
  }
  const path = join(dirname(cluster.conf.path), 'job_submit.lua');
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    throw new Complaint(`slurm-emulator: JobSubmitPlugins=lua, but there is no ${path}`);
  }
  const text = readFileSync(path, 'utf8');
  const entries = [...(BURST.exec(text)?.[1] ?? '').matchAll(ENTRY)];
  return {
    burst: new Map(
      entries.map(([, quoted, bare, fail = '']) => [unquote(quoted ?? bare ?? ''), fail]),
    ),
    directory: constant(text, 'DIR', path),
    submit: constant(text, 'CMD', path),
    modify: constant(text, 'CMD_MODIFY', path),
    busy: constant(text, 'BUSY', path),
  };
}

function constant(text: string, name: string, path: string): string {
  const line = new RegExp(`^local ${name}\\s*=\\s*(.*)$`, 'm').exec(text)?.[1];
  const quoted = TEXT.exec(line ?? '')?.[1];
  if (quoted === undefined) {
    throw new Complaint(`slurm-emulator: ${path} has no line "local ${name} = ..."`);
  }
  return unquote(quoted);
}

function unquote(text: string): string {
  return text.replaceAll(/\\(.)/g, '$1');
}

/** `closed` or `open` when one of these partitions is ours; a closed one closes all. */
export function failOf(shim: Shim, partitions: readonly string[]): string | undefined {
  const fails = partitions.flatMap((name) => shim.burst.get(name) ?? []);
  return fails.includes('closed') ? 'closed' : fails[0];
}

/** Writes the request, runs CMD and its file's name by /bin/sh, and reads the one line of its answer. */
export function ask(cluster: Cluster, shim: Shim, fail: string, request: Request): Verdict {
  const verb = request['verb'] === 'modify' ? shim.modify : shim.submit;
  const name = nextName(cluster);
  writeFileSync(join(shim.directory, name), `${shimJson(request)}\n`, { mode: 0o600 });
  const { ASBB_CONFIG } = cluster.surroundings.env;
  const { stdout } = spawnSync('/bin/sh', ['-c', verb + name], {
    env: {
      SLURM_CONF: cluster.conf.path,
      ...(ASBB_CONFIG === undefined ? {} : { ASBB_CONFIG }),
    },
    stdio: ['ignore', 'pipe', 'ignore'],
    cwd: '/',
    maxBuffer: LONGEST_ANSWER,
  });
  return readAnswer(stdout.toString('latin1')) ?? unanswered(shim, fail);
}

function readAnswer(output: string): Verdict | undefined {
  const line = LINE.exec(output)?.[1] ?? '';
  const [, token, okText = ''] = OK.exec(line) ?? [];
  if (token !== undefined) {
    return { code: 'SUCCESS', text: okText, token: token === '-' ? undefined : token };
  }
  const [, kind = '', text = ''] = NO.exec(line) ?? [];
  const code = CODES[kind];
  return code === undefined ? undefined : { code, text, token: undefined };
}

function unanswered(shim: Shim, fail: string): Verdict {
  return fail === 'open'
    ? { code: 'SUCCESS', text: '', token: undefined }
    : { code: 'ERROR', text: shim.busy, token: undefined };
}

/** Seconds of the cluster's clock and a counter begun at random, in hexadecimal. */
function nextName(cluster: Cluster): string {
  const counter = cluster.store.exclusively(() => {
    const next =
      (cluster.store.meta('request', randomBytes(3).readUIntBE(0, 3)) + 1) % 0x1_00_00_00;
    cluster.store.setMeta('request', next);
    return next;
  });
  return (
    seconds(clockOf(cluster.conf)).toString(16).padStart(8, '0') +
    counter.toString(16).padStart(6, '0')
  );
}

/** JSON as the shim writes it: every byte outside the safe set as \u00XX, strings cut at 1,024 bytes. */
function shimJson(value: unknown): string {
  if (typeof value === 'string') {
    return `"${safeBytes(value)}"`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([key, member]) => `"${safeBytes(key)}":${shimJson(member)}`).join(',')}}`;
  }
  return String(value);
}

function safeBytes(text: string): string {
  const bytes = Buffer.from(text).subarray(0, LONGEST_STRING);
  return [...bytes]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return SAFE.test(character) ? character : `\\u00${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/** The old text without any word asbb:hold=…: nobody brings a token along. */
export function withToken(comment: string, token: string): string {
  const words = comment
    .split(BLANKS)
    .filter((word) => word !== '' && !word.startsWith('asbb:hold='));
  return [...words, `asbb:hold=${token}`].join(' ');
}
