import type { Analysis } from '../../schema/output/analysis.ts';
import type { AnalyzedScript } from '../flows/analyze-script.ts';

export function analysisJson({ analysis, place, source }: AnalyzedScript): Analysis {
  const { efa, rules, grouping } = analysis;
  return {
    is_mpi: analysis.isMpi,
    confidence: analysis.confidence,
    rules: rules.map((rule) => ({ ...rule, line: rule.line ?? null })),
    processes: analysis.processes,
    nodes: analysis.nodes,
    cpus_per_node: analysis.cpusPerNode,
    mem_mib_per_node: analysis.mibPerNode ?? null,
    gpus: analysis.gpus,
    efa: { level: efa.level, source: efa.source },
    hpc_preference: analysis.hpcPreference,
    families: [...analysis.families],
    candidates: analysis.weighed.map((each) => ({ ...each })),
    placement_group: grouping.strategy ?? null,
    gang: analysis.gang,
    single_az: analysis.singleZone,
    explain: [...analysis.explain],
    node_group: place === undefined ? null : `${place.partition}-${place.nodeGroup}`,
    catalog: source,
  };
}

/** Where it would run, which no rule says. */
export function placeNote({ place, source }: AnalyzedScript): string {
  return place === undefined
    ? 'no burst partition: instance types were not looked at'
    : `for node group ${place.partition}-${place.nodeGroup}; types by ${source}`;
}
