import { Complaint } from '../complaint.ts';
import type { Start } from '../engine/programs.ts';
import type { Store } from '../store/store.ts';

/** What a fault does when its time has come (emulator.md 5). */
export type Deed =
  | { readonly kind: 'skip' | 'twice' | 'hang' | 'garbage' }
  | { readonly kind: 'late' | 'lag'; readonly seconds: number }
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'truncate'; readonly bytes: number };

export interface Fault {
  readonly on: string;
  readonly job?: number;
  readonly node?: string;
  readonly nth?: number;
  readonly do: string;
}

interface FaultRow {
  readonly id: number;
  readonly doc: string;
  readonly seen: number;
}

const PROGRAMS = new Set(['epilog', 'resume', 'suspend', 'resume-fail']);
const COMMANDS = new Set(['sacct', 'sacctmgr', 'scontrol', 'squeue', 'sinfo', 'sbatch', 'scancel']);
const ON_PROGRAMS = new Set(['skip', 'twice', 'late', 'exit']);
const ON_COMMANDS = new Set(['skip', 'exit', 'hang', 'garbage', 'truncate', 'late']);
const DEED = /^(skip|twice|hang|garbage)$|^(late|lag|exit|truncate):([0-9]{1,7})$/;
const KEYS = new Set(['on', 'job', 'node', 'nth', 'do']);

export function addFault(store: Store, text: string): void {
  const fault = parseFault(text);
  store.run('INSERT INTO fault (doc, seen, fired) VALUES (?, 0, 0)', JSON.stringify(fault));
}

function parseFault(text: string): Fault {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Complaint(`fault: not a JSON object: ${text}`, 2);
  }
  const facts = new Map<string, unknown>(Object.entries(value));
  const unknown = [...facts.keys()].find((key) => !KEYS.has(key));
  if (unknown !== undefined) {
    throw new Complaint(`fault: unknown key: ${unknown}`, 2);
  }
  const on = facts.get('on');
  const what = facts.get('do');
  if (typeof on !== 'string' || typeof what !== 'string') {
    throw new Complaint('fault: "on" and "do" are needed', 2);
  }
  checkDeed(on, deedOf(what));
  return {
    on,
    do: what,
    ...counted(facts, 'job'),
    ...counted(facts, 'nth'),
    ...(facts.has('node') ? { node: String(facts.get('node')) } : {}),
  };
}

function counted(
  facts: ReadonlyMap<string, unknown>,
  key: 'job' | 'nth',
): { [key: string]: number } {
  const value = facts.get(key);
  if (value === undefined) {
    return {};
  }
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    throw new Complaint(`fault: "${key}" is a number from 1`, 2);
  }
  return { [key]: value };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no object either, so it is refused
  }
}

function deedOf(text: string): Deed {
  const [, bare, kind, digits] = DEED.exec(text) ?? [];
  const number = Number(digits);
  if (bare === 'skip' || bare === 'twice' || bare === 'hang' || bare === 'garbage') {
    return { kind: bare };
  }
  if (kind === 'late' || kind === 'lag') {
    return { kind, seconds: number };
  }
  if (kind === 'exit') {
    return { kind, code: number };
  }
  if (kind === 'truncate') {
    return { kind, bytes: number };
  }
  throw new Complaint(`fault: unknown "do": ${text}`, 2);
}

function checkDeed(on: string, { kind }: Deed): void {
  const isKnown =
    (PROGRAMS.has(on) && ON_PROGRAMS.has(kind)) ||
    (COMMANDS.has(on) && (ON_COMMANDS.has(kind) || (on === 'sacct' && kind === 'lag')));
  if (!isKnown) {
    throw new Complaint(`fault: ${kind} on ${on} is not supported`, 2);
  }
}

/** What the scenario does to this start of a program; each fault fires once. */
export function programFault(store: Store, start: Start): Deed | undefined {
  return fire(store, (fault) => {
    const meetsJob = fault.job === undefined || fault.job === start.due.jobId;
    const meetsNode = fault.node === undefined || start.due.nodes.includes(fault.node);
    return fault.on === start.kind && meetsJob && meetsNode;
  });
}

export function commandFault(
  store: Store,
  name: string,
  args: readonly string[],
): Deed | undefined {
  return fire(store, (fault) => {
    const meetsJob = fault.job === undefined || args.some((arg) => names(arg, `${fault.job}`));
    const meetsNode =
      fault.node === undefined || args.some((arg) => arg.includes(fault.node ?? ''));
    return fault.on === name && meetsJob && meetsNode;
  });
}

function names(arg: string, id: string): boolean {
  return arg === id || arg === `jobid=${id}` || arg.split(',').includes(id);
}

/** Every fault that meets this counts it; the first whose turn it is fires. */
function fire(store: Store, meets: (fault: Fault) => boolean): Deed | undefined {
  let fired: Deed | undefined;
  for (const row of store.rows<FaultRow>('SELECT id, doc, seen FROM fault WHERE fired = 0')) {
    const fault = JSON.parse(row.doc) as Fault; // written by addFault
    if (meets(fault)) {
      const isNow = fired === undefined && row.seen + 1 >= (fault.nth ?? 1);
      store.run('UPDATE fault SET seen = seen + 1, fired = ? WHERE id = ?', isNow ? 1 : 0, row.id);
      fired ??= isNow ? deedOf(fault.do) : undefined;
    }
  }
  return fired;
}

/** Faults that never fired: a scenario that ends with one has not tested what it meant to. */
export function unfired(store: Store): readonly Fault[] {
  return store
    .rows<{ doc: string }>('SELECT doc FROM fault WHERE fired = 0 ORDER BY id')
    .map(({ doc }) => JSON.parse(doc) as Fault); // written by addFault
}
