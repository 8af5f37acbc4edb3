import { type Money, toDecimal } from '../core/money/money.ts';

/** What a command answers: JSON in which money is Money, written as a number from its digits. */
export type Output =
  | null
  | undefined
  | boolean
  | number
  | string
  | Money
  | readonly Output[]
  | { readonly [key: string]: Output };

/** JSON escapes C0 alone: DEL, C1 and marks that turn a line round would reach a terminal. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text as JSON writes it, without anything that moves a cursor. */
export function jsonString(text: string): string {
  return JSON.stringify(text).replaceAll(
    UNSAFE,
    (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

function members(value: { readonly [key: string]: Output }, indent: string): readonly string[] {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${jsonString(key)}: ${written(member, indent)}`);
}

function isList(value: Output): value is readonly Output[] {
  return Array.isArray(value);
}

function block(open: string, parts: readonly string[], close: string, indent: string): string {
  const inner = parts.map((part) => `${indent}  ${part}`).join(',\n');
  return parts.length === 0 ? open + close : `${open}\n${inner}\n${indent}${close}`;
}

function written(value: Output, indent: string): string {
  if (typeof value === 'bigint') {
    return toDecimal(value);
  }
  if (typeof value === 'string') {
    return jsonString(value);
  }
  if (typeof value !== 'object' || value === null) {
    return JSON.stringify(value ?? null);
  }
  const inner = `${indent}  `;
  return isList(value)
    ? block(
        '[',
        value.map((each) => written(each, inner)),
        ']',
        indent,
      )
    : block('{', members(value, inner), '}', indent);
}

/** One JSON document. A binary floating point number never holds money on its way out (budget.md 0.1). */
export function jsonText(value: Output): string {
  return written(value, '');
}
