/** What a journal body, a stored answer or a request may be made of. Money stands in it as decimal text. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** What an interface extends to be an answer: members are Json. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * RFC 8785 (JCS): keys sorted by UTF-16 code units, no blanks, strings as JSON.stringify writes
 * them; numbers are integers below 2^53 (reliability.md I8).
 */
export function canonical(value: Json): string {
  if (value === null || typeof value !== 'object') {
    return JSON.stringify(value);
  }
  if (isList(value)) {
    return `[${value.map(canonical).join(',')}]`;
  }
  let members = '';
  for (const key of Object.keys(value).toSorted()) {
    const member = value[key];
    if (member !== undefined) {
      members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonical(member)}`;
    }
  }
  return `{${members}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
