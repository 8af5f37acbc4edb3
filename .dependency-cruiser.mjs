// Goes to .dependency-cruiser.mjs in the project root. Run: depcruise src commands schema
// Every rule is one sentence of the handbook's house plan; `comment` is what the offender reads.

const CORE = '^src/core/';
const PORTS = '^src/ports/';
const FLOWS = '^src/flows/';
const ADAPTERS = '^src/adapters/';
const WIRING = '^src/wiring/';
const CLI = '^src/cli/';
const COMMANDS = '^commands/';
const SCHEMA = '^schema/';
const EMULATOR = '^src/emulator/';
const NATIVE = '^src/native/';
const NPM = 'node_modules/';

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/**
 * The only packages that a submit decision may load: small, and free of package trees. zod and yaml are
 * loaded by import() alone, when the cache of the settings does not fit the configuration any more.
 */
const LIGHT = `${NPM}(zod|drizzle-orm|better-sqlite3|yaml)(/|$)`;

const rooms = [
  forbid(
    'core-is-pure',
    'src/core imports nothing but src/core: no npm package, no node:* module, no schema, no port.',
    { path: CORE },
    { pathNot: CORE },
  ),
  forbid(
    'money-stands-alone',
    'core/money knows money and how to assert, nothing of ledgers, grants or jobs.',
    { path: '^src/core/money/' },
    { pathNot: '^src/core/(money/|errors\\.ts$)' },
  ),
  forbid(
    'money-has-one-storage-door',
    'Only adapters turn Money into micro-USD and back (core/money/storage.ts).',
    { pathNot: `${ADAPTERS}|^src/core/money/|^test/` },
    { path: '^src/core/money/storage\\.ts$' },
  ),
  forbid(
    'ports-speak-core',
    'src/ports is written in core types only; a port never shows a library type.',
    { path: PORTS },
    { pathNot: `${CORE}|${PORTS}` },
  ),
  forbid(
    'flows-use-ports',
    'A flow imports core, ports and flows/steps. The world reaches it as an argument.',
    { path: FLOWS },
    { pathNot: `${CORE}|${PORTS}|${FLOWS}` },
  ),
  forbid(
    'flows-stand-alone',
    'One event, one flow: a flow never calls another. Share decisions in core, actions in flows/steps.',
    { path: '^src/flows/(?!steps/)' },
    { path: '^src/flows/(?!steps/)' },
  ),
  forbid(
    'adapters-serve-ports',
    'An adapter imports core, ports, schema and its own folder; never a flow, a command or the wiring.',
    { path: ADAPTERS },
    { path: `${FLOWS}|${WIRING}|${CLI}|${COMMANDS}|^src/(hook|main)\\.ts$` },
  ),
  forbid(
    'adapters-do-not-mix',
    'Two adapters never talk to each other; a flow joins them.',
    { path: '^src/adapters/([^/]+)/' },
    { path: ADAPTERS, pathNot: '^src/adapters/$1/' },
  ),
  forbid(
    'adapters-are-wired',
    'Only src/wiring builds adapters.',
    { pathNot: `${ADAPTERS}|${WIRING}|^test/` },
    { path: ADAPTERS },
  ),
  forbid(
    'commands-are-thin',
    'A command imports flows, wiring, src/cli, schema and @oclif/core. Decisions live in core.',
    { path: COMMANDS },
    { pathNot: `${FLOWS}|${WIRING}|${CLI}|${SCHEMA}|${NPM}@oclif/core(/|$)` },
  ),
  forbid(
    'commands-stand-alone',
    'A command never imports another command.',
    { path: COMMANDS },
    { path: COMMANDS },
  ),
  forbid(
    'emulator-stands-alone',
    'The emulator plays SLURM: it knows core words, its own SQLite file and nothing of the product.',
    { path: EMULATOR },
    { path: `^src/(?!emulator/|core/|native/)|${COMMANDS}|${SCHEMA}` },
  ),
  forbid(
    'native-is-a-leaf',
    'src/native finds, checks and loads the SQLite addon for the ledger and the emulator; it knows core errors only.',
    { path: NATIVE },
    { path: '^(src|commands|schema)/', pathNot: `${NATIVE}|^src/core/errors\\.ts$` },
  ),
  forbid(
    'nobody-knows-the-emulator',
    'The product meets the emulator only as programs in slurm.bin_path (emulator.md).',
    { pathNot: `${EMULATOR}|^src/main\\.ts$|^test/` },
    { path: EMULATOR },
  ),
  forbid(
    'schema-is-a-leaf',
    'schema/ describes data at rest and on the wire: zod, drizzle and core types, nothing else of ours.',
    { path: SCHEMA },
    { pathNot: `${SCHEMA}|${CORE}|${NPM}(zod|drizzle-orm|drizzle-zod)(/|$)` },
  ),
  forbid(
    'tables-belong-to-sqlite',
    'Only adapters/sqlite sees the drizzle tables and migrations.',
    { pathNot: `^src/adapters/sqlite/|${SCHEMA}|^test/` },
    { path: '^schema/(tables|migrations)/' },
  ),
];

const fastLane = [
  forbid(
    'fast-lane-is-light',
    'src/hook.ts runs on every sbatch: no path from it may lead to oclif, execa, the AWS SDK or any package outside LIGHT.',
    { path: '^src/(hook|wiring/hot)\\.ts$' },
    { path: NPM, pathNot: LIGHT, reachable: true },
  ),
  forbid(
    'fast-lane-stays-local',
    'The submit decision needs SQLite and the clock only: no EC2, no Waldur, no full wiring, no CLI.',
    { path: '^src/(hook|wiring/hot)\\.ts$' },
    {
      path: `^src/adapters/(ec2|waldur)/|^src/wiring/full\\.ts$|${CLI}|${COMMANDS}`,
      reachable: true,
    },
  ),
];

/** Programs are started in one room (reliability.md 4.2), and the lane is picked before anything loads. */
const doors = [
  forbid(
    'programs-start-in-one-room',
    'Only adapters/system (the Run port) and the emulator start programs: no shell, fixed environment, time limit.',
    { path: '^(src|commands|schema)/', pathNot: `^src/adapters/system/|${EMULATOR}` },
    { path: '^(node:)?(child_process|cluster)$' },
  ),
  forbid(
    'main-picks-lazily',
    'src/main.ts loads the fast lane and nothing else before it knows the lane: use import().',
    { path: '^src/main\\.ts$' },
    { path: '^(src|commands)/', pathNot: '^src/(hook|links|core/errors)\\.ts$', dynamic: false },
  ),
];

/** Each library has one home, so that replacing it is one folder's work. */
const homes = [
  ['yaml', 'yaml', '^src/adapters/config/'],
  ['cli-table3', 'cli-table3', CLI],
  ['jspdf', 'jspdf', '^src/cli/report/pdf\\.ts$'],
  ['aws-sdk', '(@aws-sdk|@smithy)', '^src/adapters/(ec2|pricing)/|^src/wiring/full\\.ts$'],
  ['oclif', '@oclif', `${CLI}|${COMMANDS}`],
  ['nodemailer', 'nodemailer', '^src/adapters/notify/'],
  ['execa', 'execa', '^src/(adapters/system|emulator)/'],
  ['drizzle', '(drizzle-orm|better-sqlite3)', `^src/(adapters/sqlite|emulator|native)/|${SCHEMA}`],
  ['zod', 'zod', `${SCHEMA}|${ADAPTERS}|${CLI}`],
].map(([library, pattern, home]) =>
  forbid(
    `home-of-${library}`,
    `${library} is imported only from: ${home.replaceAll(/[\\^$]/g, '')}`,
    { path: '^(src|commands|schema)/', pathNot: home },
    { path: `${NPM}${pattern}(/|$)` },
  ),
);

const hygiene = [
  forbid('no-circular', 'A cycle means two rooms are one.', {}, { circular: true }),
  forbid('no-unresolvable', 'The import resolves to nothing.', {}, { couldNotResolve: true }),
  forbid(
    'no-dev-dependency',
    'Shipped code imports shipped packages.',
    { path: '^(src|commands|schema)/' },
    { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  ),
  forbid(
    'no-undeclared-dependency',
    'The package is not in package.json.',
    {},
    { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  ),
  forbid(
    'no-test-code',
    'Shipped code never imports test code.',
    { path: '^(src|commands|schema)/' },
    { path: '^test/' },
  ),
  forbid(
    'no-orphans',
    'Nothing imports this file and it starts nothing: delete it.',
    {
      orphan: true,
      pathNot: `\\.d\\.ts$|^src/(main|hook)\\.ts$|${COMMANDS}|^schema/migrations/`,
    },
    {},
  ),
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [...rooms, ...fastLane, ...doors, ...homes, ...hygiene],
  options: {
    // TypeScript 7 has no JavaScript compiler API, so dependency-cruiser cannot parse with tsc.
    // swc reads the same files and, unlike compiled output, still shows `import type` edges.
    parser: 'swc',
    doNotFollow: { path: ['node_modules'] },
    exclude: { path: ['^dist/', '\\.d\\.ts$'] },
    // No `tsConfig` entry: that would load the tsc API. The project uses no path aliases.
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'default'],
      mainFields: ['module', 'main'],
    },
    builtInModules: { add: ['node:sqlite', 'sqlite'] },
    combinedDependencies: false,
    skipAnalysisNotInRules: true,
  },
};
