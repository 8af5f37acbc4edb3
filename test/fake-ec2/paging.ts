// Pages: opaque tokens that expire, and the disorder that fault rules make of them.
import { createHash } from 'node:crypto';
import type { Call } from './engine.ts';
import { ApiError } from './errors.ts';
import { shuffled } from './random.ts';
import { SECOND_US } from './time.ts';

export const PAGE_NAMES: readonly string[] = ['MaxResults', 'NextToken'];

const TOKEN_LIFE_US = 3600 * SECOND_US;

export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly next: string | undefined;
}

export interface PageOptions<T> {
  readonly min: number;
  readonly max: number;
  /** A number that grows along the list and stays with its item, so that pages survive additions. */
  readonly position: (item: T, index: number) => number;
  readonly keep?: (item: T) => boolean;
}

interface Token {
  readonly action: string;
  /** Positions above this one are still to come. */
  readonly after: number;
  readonly issuedUs: number;
}

export function paginate<T>(call: Call, all: readonly T[], options: PageOptions<T>): Page<T> {
  const { params, changes } = call;
  const asked = params.int('MaxResults', options.min, options.max);
  const text = params.text('NextToken');
  const after = text === undefined ? -1 : readToken(call, text).after;
  const keep = options.keep ?? (() => true);
  const isBefore = call.engine.world.paging === 'before-filter';
  const listed = isBefore ? all : all.filter(keep);
  const start = firstAbove(listed, after, options);
  const end = start + (changes.page_size ?? asked ?? listed.length);
  const page = listed.slice(start, end);
  const kept = isBefore ? page.filter(keep) : page;
  return {
    items: changes.shuffle === true ? shuffled(call.engine.state.streams, 'shuffle', kept) : kept,
    next: nextToken(call, after, { listed, start, end, position: options.position }),
  };
}

function firstAbove<T>(listed: readonly T[], after: number, options: PageOptions<T>): number {
  const first = listed.findIndex((item, i) => options.position(item, i) > after);
  return first === -1 ? listed.length : first;
}

interface Cut<T> {
  readonly listed: readonly T[];
  readonly start: number;
  readonly end: number;
  readonly position: PageOptions<T>['position'];
}

/** An empty page, and a repeated one, go on where they began. */
function nextToken<T>(call: Call, after: number, cut: Cut<T>): string | undefined {
  const { listed, start, end, position } = cut;
  if (call.changes.repeat_page === true) {
    return writeToken(call, after);
  }
  if (end >= listed.length) {
    return undefined;
  }
  const last = listed[end - 1];
  return writeToken(call, last === undefined || end === start ? after : position(last, end - 1));
}

function writeToken(call: Call, after: number): string {
  const token: Token = { action: call.action, after, issuedUs: call.engine.state.nowUs };
  const body = Buffer.from(JSON.stringify(token)).toString('base64url');
  return `${body}.${checksum(body)}`;
}

function readToken(call: Call, text: string): Token {
  const [body = '', sum] = text.split('.');
  if (sum !== checksum(body)) {
    throw new ApiError('InvalidNextToken', 'The token is not valid.');
  }
  const token = JSON.parse(Buffer.from(body, 'base64url').toString()) as Token;
  const isExpired = call.engine.state.nowUs - token.issuedUs > TOKEN_LIFE_US;
  if (isExpired || token.action !== call.action) {
    throw new ApiError('InvalidNextToken', 'The token has expired or belongs to another action.');
  }
  return token;
}

function checksum(body: string): string {
  return createHash('sha256').update(`page/${body}`).digest('hex').slice(0, 16);
}
