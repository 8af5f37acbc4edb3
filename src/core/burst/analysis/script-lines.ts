/** A line of a script as the shell reads it: continued lines are joined; `line` counts from 1. */
export interface ScriptLine {
  readonly text: string;
  readonly line: number;
}

const COMMENT = /^\s*#/u;

/**
 * The script without its comment lines, continued lines joined (burst.md 4.2). As for the shell, a
 * comment ends at its line's end even when a backslash stands there.
 */
export function codeLines(script: string): readonly ScriptLine[] {
  const lines: ScriptLine[] = [];
  let open: { text: string; line: number } | undefined;
  for (const [at, raw] of script.split('\n').entries()) {
    const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (open === undefined && COMMENT.test(text)) {
      continue;
    }
    const joined: { text: string; line: number } = {
      text: `${open?.text ?? ''}${text}`,
      line: open?.line ?? at + 1,
    };
    if (isContinued(text)) {
      open = { ...joined, text: joined.text.slice(0, -1) };
    } else {
      lines.push(joined);
      open = undefined;
    }
  }
  return open === undefined ? lines : [...lines, open];
}

/** An even number of backslashes at the end are backslashes. */
function isContinued(text: string): boolean {
  let backslashes = 0;
  while (text.at(-1 - backslashes) === '\\') {
    backslashes += 1;
  }
  return backslashes % 2 === 1;
}

/** Where a word or token stood. */
export interface Found {
  readonly text: string;
  readonly line: number;
}

const TOKEN = /[A-Za-z0-9_.+-]+/gu;

/** Each maximal run of `[A-Za-z0-9_.+-]` once, in small letters, with the line it first stood on. */
export function tokensOf(lines: readonly ScriptLine[]): readonly Found[] {
  const first = new Map<string, number>();
  for (const { text, line } of lines) {
    for (const [token] of text.matchAll(TOKEN)) {
      const small = token.toLowerCase();
      if (!first.has(small)) {
        first.set(small, line);
      }
    }
  }
  return [...first].map(([text, line]) => ({ text, line }));
}
