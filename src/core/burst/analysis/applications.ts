import type { Settings } from '../../config/settings.ts';
import type { Found } from './script-lines.ts';

/** A program whose name says something about MPI (burst.md 4.3). */
export interface Application {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly confidence: number;
  /** HPC families come first when they are eligible. */
  readonly hpc: boolean;
}

const SURE = 0.9;
const LIKELY = 0.6;
const NEVER_ALONE = 0.3;

function known(
  name: string,
  confidence: number,
  hpc: boolean,
  aliases: readonly string[] = [name],
): Application {
  return { name, aliases, confidence, hpc };
}

/** In order of precedence among equals. */
const TABLE: readonly Application[] = [
  known('gromacs', SURE, true, ['gromacs', 'gmx', 'gmx_mpi']),
  known('lammps', SURE, true, ['lammps', 'lmp']),
  known('namd', SURE, true, ['namd', 'namd2', 'namd3']),
  known('quantum espresso', SURE, true, [
    'quantum-espresso',
    'quantum_espresso',
    'quantumespresso',
    'espresso',
    'pw.x',
    'cp.x',
    'ph.x',
  ]),
  known('vasp', SURE, true, ['vasp', 'vasp_std', 'vasp_gam', 'vasp_ncl']),
  known('abinit', SURE, true),
  known('amber', LIKELY, false, ['amber', 'pmemd.mpi', 'sander.mpi']),
  known('blast', NEVER_ALONE, false, ['blast', 'blastn', 'blastp', 'blastx', 'tblastn']),
  known('cp2k', LIKELY, true),
  known('nwchem', LIKELY, true),
  known('gamess', LIKELY, true),
  known('wrf', LIKELY, true, ['wrf', 'wrf.exe']),
  known('openfoam', LIKELY, true),
  known('ansys', LIKELY, true),
  known('fluent', LIKELY, true),
];

/** The table with the site's own applications: one of a known name takes its place (`mpi.applications`). */
export function applicationsOf(own: Settings['mpi']['applications']): readonly Application[] {
  const given = new Map(
    Object.entries(own).map(([name, { aliases, confidence, hpc }]) => [
      name.toLowerCase(),
      {
        name,
        aliases: (aliases.length === 0 ? [name] : aliases).map((alias) => alias.toLowerCase()),
        confidence,
        hpc,
      },
    ]),
  );
  const replaced = TABLE.map((application) => given.get(application.name) ?? application);
  const added = [...given].filter(([name]) => TABLE.every((each) => each.name !== name));
  return [...replaced, ...added.map(([, application]) => application)];
}

const AFTER_ALIAS = /^[-_.0-9]/u;

/** Equal, or begins with the alias followed by `-`, `_`, `.` or a digit: `chamber` is no `amber`. */
export function isNamed(token: string, alias: string): boolean {
  return (
    token === alias || (token.startsWith(alias) && AFTER_ALIAS.test(token.slice(alias.length)))
  );
}

export interface NamedApplication {
  readonly application: Application;
  readonly token: Found;
}

/** Of the applications that are named the surest, then the first of the table. */
export function applicationIn(
  tokens: readonly Found[],
  applications: readonly Application[],
): NamedApplication | undefined {
  const named = applications.flatMap((application): readonly NamedApplication[] => {
    const token = tokens.find(({ text }) =>
      application.aliases.some((alias) => isNamed(text, alias)),
    );
    return token === undefined ? [] : [{ application, token }];
  });
  return named.reduce<NamedApplication | undefined>(
    (best, next) =>
      best === undefined || next.application.confidence > best.application.confidence ? next : best,
    undefined,
  );
}
