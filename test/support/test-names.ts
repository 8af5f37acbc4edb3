import { globSync, readFileSync } from 'node:fs';

/** The string that names a test, a group of them, or a row of a table of tests. */
const NAMES =
  /(?:^|[^\w])(?:it|describe)(?:\.\w+)*(?:<[^>]*>)?(?:\([^()'"`]*\))?\(\s*(['"`])(.*?)\1/gsu;
const EACH = /\)\(\s*(['"`])(.*?)\1,/gsu;
const ROW = /^\s*(?:\[\s*)?(['"`])([A-Z]+-?\d+\b.*?)\1,/gmu;

export interface TestName {
  readonly file: string;
  readonly name: string;
}

/** Of every test below test/, as it stands in the source. */
export function testNames(): readonly TestName[] {
  return globSync('test/**/*.test.ts').flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    return [NAMES, EACH, ROW].flatMap((pattern) =>
      [...text.matchAll(pattern)].map(([, , name = '']) => ({ file, name })),
    );
  });
}
