// The fault script (fake-ec2.md section 8): which rule fires for a call.
import type { CallChanges } from './engine.ts';
import { wildcard } from './filters.ts';
import { newStreams, type Streams, uniform } from './random.ts';
import { SECOND_US } from './time.ts';

export interface FaultMatch {
  readonly action?: string;
  readonly nth?: number | readonly number[];
  readonly every?: number;
  readonly from_s?: number;
  readonly to_s?: number;
  readonly where?: Readonly<Record<string, string>>;
  readonly p?: number;
  readonly attempt?: number;
  readonly max?: number;
}

export interface FaultDo extends CallChanges {
  readonly execute?: boolean;
  readonly error?: { readonly code: string; readonly status?: number; readonly message?: string };
  readonly drop?: 'before' | 'headers' | 'mid-body' | 'after';
  readonly delay_ms?: number;
  readonly delay_reply_ms?: number;
  readonly replay_previous?: boolean;
  readonly truncate?: number;
  readonly garbage?: 'html' | 'empty' | 'wrong-root' | 'bad-utf8';
  readonly status?: number;
  readonly retry_after?: number;
  readonly exec?: { readonly before?: readonly string[]; readonly after?: readonly string[] };
  readonly then?: FaultDo;
}

export interface FaultRule {
  readonly id: string;
  readonly match: FaultMatch;
  readonly do: FaultDo;
}

export interface FaultState {
  readonly rule: FaultRule;
  /** Calls that met all conditions but the counting ones. */
  matched: number;
  fired: number;
}

const MATCH_KEYS = ['action', 'nth', 'every', 'from_s', 'to_s', 'where', 'p', 'attempt', 'max'];
const DO_KEYS = [
  ...['execute', 'error', 'drop', 'delay_ms', 'delay_reply_ms', 'replay_previous', 'truncate'],
  ...['garbage', 'fulfil', 'pool_error', 'invisible_s', 'stale_s', 'tags_late_s', 'page_size'],
  ...['repeat_page', 'shuffle', 'capacity', 'status', 'retry_after', 'exec', 'then'],
  ...['pending_s', 'launch_fails'],
];

export interface FaultCall {
  readonly action: string;
  readonly params: ReadonlyMap<string, string>;
  readonly attempt: number;
  /** Virtual time since the epoch. */
  readonly sinceUs: number;
}

export class Faults {
  #rules: FaultState[] = [];
  #streams: Streams;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
    this.#streams = newStreams(seed);
  }

  add(rules: readonly unknown[]): void {
    const states = rules.map((raw) => {
      const rule = checkedRule(raw);
      if (this.#rules.some((state) => state.rule.id === rule.id)) {
        throw new Error(`faults: the id "${rule.id}" is taken`);
      }
      return { rule, matched: 0, fired: 0 };
    });
    this.#rules.push(...states);
  }

  remove(ids: readonly string[]): void {
    this.#rules = this.#rules.filter((state) => !ids.includes(state.rule.id));
  }

  clear(): void {
    this.#rules = [];
    this.#streams = newStreams(this.#seed);
  }

  list(): readonly FaultState[] {
    return this.#rules;
  }

  /** What of the rules has to outlive a restart. */
  restore(states: readonly FaultState[], streams: Streams): void {
    this.#rules = states.map((state) => ({ ...state }));
    this.#streams = streams;
  }

  get streams(): Streams {
    return this.#streams;
  }

  /** The first rule that fires; rules behind it do not see the call. */
  match(call: FaultCall): FaultRule | undefined {
    for (const state of this.#rules) {
      if (isMet(state.rule.match, call)) {
        state.matched += 1;
        if (this.#isDue(state)) {
          state.fired += 1;
          return state.rule;
        }
      }
    }
    return undefined;
  }

  #isDue(state: FaultState): boolean {
    const { nth, every, p, max } = state.rule.match;
    const nths = nth === undefined ? undefined : [nth].flat();
    const isCounted =
      (nths?.includes(state.matched) ?? true) &&
      state.matched % (every ?? 1) === 0 &&
      state.fired < (max ?? Number.POSITIVE_INFINITY);
    return isCounted && (p === undefined || uniform(this.#streams, state.rule.id) < p);
  }
}

function isMet(match: FaultMatch, call: FaultCall): boolean {
  const { action, from_s: fromS, to_s: toS, where, attempt } = match;
  return (
    wildcard(action ?? '*')(call.action) &&
    call.sinceUs >= (fromS ?? 0) * SECOND_US &&
    call.sinceUs < (toS ?? Number.POSITIVE_INFINITY) * SECOND_US &&
    (attempt ?? call.attempt) === call.attempt &&
    Object.entries(where ?? {}).every(([name, pattern]) => {
      const value = call.params.get(name);
      return value !== undefined && wildcard(pattern)(value);
    })
  );
}

function checkedRule(raw: unknown): FaultRule {
  const rule = raw as FaultRule;
  if (
    typeof rule.id !== 'string' ||
    typeof rule.match !== 'object' ||
    typeof rule.do !== 'object'
  ) {
    throw new Error('faults: a rule needs id, match and do');
  }
  checkKeys(rule.id, rule.match, MATCH_KEYS);
  checkKeys(rule.id, rule.do, DO_KEYS);
  checkKeys(rule.id, rule.do.then ?? {}, DO_KEYS);
  return rule;
}

function checkKeys(id: string, object: object, known: readonly string[]): void {
  for (const key of Object.keys(object)) {
    if (!known.includes(key)) {
      throw new Error(`faults: unknown key "${key}" in rule "${id}"`);
    }
  }
}

/** `then` happens after the delay, as part of the same reply. */
export function wholeDo(rule: FaultRule): FaultDo {
  const { then, ...first } = rule.do;
  return { ...first, ...then };
}

/** Whether the side effect happens. */
export function isExecuted(what: FaultDo): boolean {
  return what.execute ?? (what.error === undefined && what.drop !== 'before');
}
