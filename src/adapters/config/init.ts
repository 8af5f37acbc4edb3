import { Config } from '../../../schema/config/config.ts';
import { type KeyNode, keyTree } from '../../../schema/config/tree.ts';

const HEAD = `# /etc/asbb/config.yaml: every key with its default. Delete what you do not change.
# Durations: 90s, 5m, 1h30m, 7d. Money: decimal dollars in quotes. Each key can be set by a variable:
# ASBB_SLURM_RESUME_TIMEOUT=600. asbb config show tells where each value came from.
`;

/** Nothing on AWS without these: they have no default (burst.md 2.3). */
const PARTITIONS = `  # partitions:                       # one entry a burst partition
  #   - partition_name: aws             # letters and digits only
  #     fail: closed                    # ledger unusable: refuse (closed) or admit (open)
  #     partition_options: { MaxTime: "2-00:00:00", DefaultTime: "01:00:00", OverSubscribe: EXCLUSIVE }
  #     node_groups:
  #       - node_group_name: cpu        # nodes aws-cpu-001 …
  #         max_nodes: 10
  #         purchasing_option: on-demand   # spot, on-demand, mixed
  #         launch_template_specification: { launch_template_name: asbb-node, version: "$Default" }
  #         launch_template_overrides:
  #           - { instance_type: c6i.4xlarge, on_demand_price: "0.68" }
  #         subnet_ids: [subnet-0a11ce00000000001]
  #         slurm_specifications: { CPUs: "16", RealMemory: "28000" }
`;
const COMMENT_COLUMN = 44;
const NEEDS_QUOTES =
  /^$|^[\s>|@`"'%&*!?[{,:#-]|:\s|\s#|^(?:true|false|null|yes|no|~|[-+]?[0-9.]+(?:e[-+]?[0-9]+)?)$/iu;

function scalar(value: unknown): string {
  if (typeof value !== 'string') {
    return JSON.stringify(value);
  }
  return NEEDS_QUOTES.test(value) ? JSON.stringify(value) : value;
}

function flow(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(flow).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([name, member]) => `${name}: ${flow(member)}`);
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
  }
  return scalar(value);
}

function commented(line: string, node: KeyNode): string {
  const { comment, noEffect } = node.meta;
  const words = noEffect === undefined ? comment : `no effect: ${noEffect}`;
  return words === undefined ? line : `${line.padEnd(COMMENT_COLUMN)} # ${words}`;
}

/** Keys of a section whose defaults mean nothing by themselves stand behind a #. */
function lines(node: KeyNode, indent: string, isOff: boolean): readonly string[] {
  return [...node.keys].flatMap(([name, below]) => {
    if (name === 'partitions') {
      return [PARTITIONS.trimEnd()];
    }
    const isUnset = isOff || below.preset === undefined || below.meta.noEffect !== undefined;
    const start = isUnset ? `${indent}# ${name}:` : `${indent}${name}:`;
    if (below.kind === 'section') {
      return [commented(start, below), ...lines(below, `${indent}  `, isUnset)];
    }
    const value = below.preset === undefined ? '' : ` ${flow(below.preset)}`;
    return [commented(`${start}${value}`, below)];
  });
}

/** A whole configuration with every default; it loads as it stands, with no burst partition yet. */
export function initialConfig(): string {
  const sections = [...keyTree(Config).keys].map(([name, node]) => {
    const rule = `# ---- ${node.meta.comment ?? name} `.padEnd(100, '-');
    return node.kind === 'section'
      ? [rule, `${name}:`, ...lines(node, '  ', name === 'aws')].join('\n')
      : lines({ ...node, keys: new Map([[name, node]]) }, '', false).join('\n');
  });
  return `${HEAD}\n${sections.join('\n\n')}\n`;
}
