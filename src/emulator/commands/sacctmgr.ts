import type { Cluster } from '../cluster.ts';
import { unsupported } from '../complaint.ts';
import type { Association } from '../conf/slurm-conf.ts';
import { type Option, parseOptions } from '../options.ts';

const OPTIONS: readonly Option[] = [
  { name: 'noheader', letter: 'n', takes: 'nothing' },
  { name: 'parsable2', letter: 'P', takes: 'nothing' },
  { name: 'version', letter: 'V', takes: 'nothing' },
];
const FORMAT = /^format=(.+)$/i;

interface Row {
  readonly Cluster: string;
  readonly Account: string;
  readonly User: string;
}

/** `sacctmgr -n -P show assoc format=Cluster,Account,User`, and nothing else. */
export function sacctmgr(cluster: Cluster, args: readonly string[]): string {
  const { options, words } = parseOptions('sacctmgr', args, OPTIONS);
  if (options.has('version')) {
    return 'slurm-emulator 22.05.8\n';
  }
  const [verb = '', what = '', format = '', ...more] = words;
  const fields = FORMAT.exec(format)?.[1]?.split(',');
  const isKnown =
    ['show', 'list'].includes(verb.toLowerCase()) &&
    ['assoc', 'association', 'associations'].includes(what.toLowerCase());
  if (!isKnown || fields === undefined || more.length > 0 || !options.has('parsable2')) {
    throw unsupported(`sacctmgr ${args.join(' ')}`);
  }
  const keys = fields.map(keyOf);
  const rows = associationRows(cluster).map((row) => keys.map((key) => row[key]));
  const heading = options.has('noheader') ? [] : [keys];
  return [...heading, ...rows].map((row) => `${row.join('|')}\n`).join('');
}

const KEYS: readonly (keyof Row)[] = ['Cluster', 'Account', 'User'];

function keyOf(field: string): keyof Row {
  const key = KEYS.find((each) => each.toLowerCase() === field.toLowerCase());
  if (key === undefined) {
    throw unsupported(`sacctmgr field ${field}`);
  }
  return key;
}

/** As slurmdbd lists the tree: an account, its users, then its children from the last to the first. */
function associationRows({ conf }: Cluster): readonly Row[] {
  const root = { Cluster: conf.clusterName, Account: 'root', User: '' };
  return [
    root,
    { ...root, User: conf.slurmUser },
    ...children(conf.associations, 'root', conf.clusterName),
  ];
}

function children(all: readonly Association[], parent: string, cluster: string): readonly Row[] {
  return all
    .filter((each) => each.parent === parent && each.account !== parent)
    .toSorted((a, b) => (a.account < b.account ? -1 : 1))
    .flatMap(({ account, users }) => [
      { Cluster: cluster, Account: account, User: '' },
      ...users.toSorted().map((user) => ({ Cluster: cluster, Account: account, User: user })),
      ...children(all, account, cluster),
    ]);
}
