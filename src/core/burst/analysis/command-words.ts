import type { Found } from './script-lines.ts';
import type { Command } from './shell-words.ts';

// From the words of a simple command to the program that it starts and the variables that it sets.

/** What a command starts: the base name of its program, and its arguments. */
export interface Started {
  readonly program: string;
  readonly args: readonly string[];
  readonly line: number;
}

export interface ScriptCommands {
  readonly started: readonly Started[];
  /** Variables that are assigned or exported. */
  readonly assigned: readonly Found[];
}

const RESERVED = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '!']);
/** They start the command that follows them; these of their options take a word with them. */
const WRAPPERS: Readonly<Record<string, readonly string[]>> = {
  exec: ['-a'],
  time: ['-f', '-o'],
  env: ['-u', '-C'],
  nohup: [],
  sudo: ['-u', '-g', '-h', '-p', '-C', '-D', '-R', '-T', '-U'],
};
const EXPORTS = new Set(['export', 'declare', 'typeset', 'readonly', 'local', 'setenv']);
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)\+?=/u;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*/u;

export function scriptCommands(commands: readonly Command[]): ScriptCommands {
  const started: Started[] = [];
  const assigned: Found[] = [];
  for (const { words, line } of commands) {
    const { at, names } = prefixOf(words);
    const [program, ...args] = words.slice(at);
    const exported =
      program !== undefined && EXPORTS.has(program)
        ? args.flatMap((word) => NAME.exec(word)?.[0] ?? [])
        : [];
    for (const text of [...names, ...exported]) {
      assigned.push({ text, line });
    }
    if (program !== undefined) {
      started.push({ program: baseName(program), args, line });
    }
  }
  return { started, assigned };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** How many words come before the program, and which variables they set. */
function prefixOf(words: readonly string[]): { at: number; names: readonly string[] } {
  const names: string[] = [];
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? '';
    const [, name] = ASSIGNMENT.exec(word) ?? [];
    const wrapper = baseName(word);
    if (name !== undefined) {
      names.push(name);
      at += 1;
    } else if (RESERVED.has(word)) {
      at += 1;
    } else if (Object.hasOwn(WRAPPERS, wrapper) && at + 1 < words.length) {
      at = afterOptions(words, at + 1, WRAPPERS[wrapper] ?? []);
    } else {
      break;
    }
  }
  return { at, names };
}

function afterOptions(words: readonly string[], from: number, valued: readonly string[]): number {
  let at = from;
  while (words[at]?.startsWith('-') === true) {
    at += valued.includes(words[at] ?? '') ? 2 : 1;
  }
  return at;
}
