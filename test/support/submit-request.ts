const NO_VAL = 4_294_967_294;

/** What job_submit.lua writes for `sbatch -p aws -C od -N nodes -t 30` by alice (burst.md 7.8). */
export function submitRequest(nodes: number, account = 'physics'): Record<string, unknown> {
  return {
    v: 1,
    verb: 'submit',
    uid: 64_101,
    cluster: 'demo',
    user_id: 64_101,
    het_job_offset: NO_VAL,
    time_limit: 30,
    time_min: NO_VAL,
    min_nodes: nodes,
    max_nodes: NO_VAL,
    min_cpus: 1,
    max_cpus: NO_VAL,
    num_tasks: NO_VAL,
    ntasks_per_node: 65_534,
    cpus_per_task: 65_534,
    pn_min_cpus: 65_534,
    shared: 65_534,
    begin_time: 0,
    name: 'wrap',
    account,
    default_account: account,
    user_name: 'alice',
    partition: 'aws',
    features: 'od',
    parts: { aws: { max_time: 2880, default_time: 60, min_nodes: 1, max_nodes: NO_VAL } },
  };
}
