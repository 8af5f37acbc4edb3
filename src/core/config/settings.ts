/**
 * The configuration as the program sees it: the keys of the YAML file (budget.md 6.2, burst.md 2), so
 * that whoever reads one finds the other. Checked and completed by schema/config; every key has its
 * default filled in. Durations written with a unit are milliseconds here; plain integers keep the unit
 * that their key has in the file (mostly seconds). Money and prices stay decimal text.
 */
export interface Settings {
  /** The file that was read, '' when only defaults and environment. */
  readonly source: string;
  readonly test_mode: boolean;
  readonly test_clock?: string | undefined;
  readonly site: {
    readonly timezone: string;
    readonly reports_dir: string;
    readonly cost_dirs: readonly string[];
    /** Of the on-demand price: estimates of a spot alternative (budget.md 4.10). */
    readonly spot_cost_factor: number;
  };
  readonly database: {
    readonly dsn: string;
    readonly group?: string | undefined;
    /** Milliseconds by hook name, and `default`. */
    readonly lock_wait: Readonly<Record<string, number>>;
    readonly auto_migrate: boolean;
    readonly allow_fs_magic: readonly string[];
    readonly allow_volatile: boolean;
  };
  readonly budget: {
    readonly default_hold_percentage: string;
    readonly reconciliation_timeout: number;
    readonly unbound_hold_ttl: number;
    readonly evidence_grace: number;
    readonly allow_negative_balance: boolean;
    readonly min_budget_amount: string;
    readonly max_budget_amount: string;
    readonly auto_recovery_enabled: boolean;
    readonly recovery_check_interval?: number | undefined;
    readonly user_open_holds_max: number;
    /** Dollars: an adjustment above it needs a second person; absent: none does. */
    readonly second_person_above?: string | undefined;
    /** Milliseconds; 0: for ever. */
    readonly transaction_retention: number;
  };
  readonly allocations: { readonly process_interval: number; readonly auto_process: boolean };
  readonly integration: {
    readonly asbx_enabled: boolean;
    readonly advisor_enabled: boolean;
    readonly advisor_fallback: 'SIMPLE' | 'STATIC' | 'NONE';
    /** Dollars an hour and CPU, decimal text. */
    readonly fallback_cost_rate: string;
    readonly grant_management_enabled: boolean;
    readonly burn_rate_analysis_enabled: boolean;
    readonly allocation_scheduling_enabled: boolean;
    readonly failure_mode: 'GRACEFUL' | 'STRICT' | 'PERMISSIVE';
    readonly retry_attempts: number;
    readonly circuit_breaker_enabled: boolean;
  };
  readonly advisor: {
    readonly mode: 'builtin' | 'http';
    readonly url: string;
    readonly api_key: string;
    readonly timeout: number;
    readonly retry_attempts: number;
    readonly retry_delay: number;
    readonly cache_enabled: boolean;
    readonly cache_ttl: number;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly grant_management: {
    readonly enabled: boolean;
    readonly default_budget_period_months: number;
    /** Of a grant that is created without one; '' when it is not said. */
    readonly institution: string;
    readonly auto_create_periods: boolean;
    readonly compliance_reporting: boolean;
    readonly burn_rate_monitoring: boolean;
    /** True: a hold must also fit what is left of the grant's current period. */
    readonly enforce_period_budget: boolean;
    /** Days after the end of a reporting period until its report is due (budget.md 8.6). */
    readonly report_due_days: {
      readonly quarterly: number;
      readonly semi_annual: number;
      readonly annual: number;
      readonly final: number;
    };
    /** Days after the end of a grant in which costs of earlier work are booked without being forced. */
    readonly liquidation_days: number;
    /** 0 to 1: a de minimis rate above it is warned about; absent: by 2 CFR 200.414(f). */
    readonly de_minimis_cap?: number | undefined;
    /** Percent of variance, and scores from 0 to 100 (budget.md 4.8). */
    readonly alert_thresholds: {
      readonly critical_variance: number;
      readonly warning_variance: number;
      readonly low_variance: number;
      readonly health_score_warning: number;
      readonly health_score_critical: number;
      /** Percent of a limit by which a value must come back before its alert is over. */
      readonly hysteresis: number;
      /** Dollars: a cheaper job is never unusual. */
      readonly unusual_job_least: string;
    };
    readonly emergency: {
      readonly available: boolean;
      readonly threshold?: string | undefined;
      readonly procedure?: string | undefined;
      readonly contact?: string | undefined;
    };
  };
  /** Who is told of alerts. Secrets stand in files: an absolute path, or a name below $CREDENTIALS_DIRECTORY. */
  readonly notifications: {
    readonly min_severity: 'info' | 'warning' | 'critical';
    readonly resolved: boolean;
    /** Milliseconds of one delivery, and after which a message is given up. */
    readonly timeout: number;
    readonly give_up_after: number;
    readonly ca_file: string;
    readonly smtp: {
      /** '' : no mail. */
      readonly host: string;
      readonly port: number;
      readonly security: 'starttls' | 'tls' | 'none';
      readonly from: string;
      readonly to: readonly string[];
      readonly user: string;
      readonly password_file: string;
    };
    readonly slack: { readonly url_file: string };
    readonly webhook: { readonly url: string; readonly secret_file: string };
  };
  /** Keys of BST that still say where its files are. */
  readonly asbb: { readonly reconciliation_dir: string };
  readonly asbx_integration: {
    readonly enabled: boolean;
    readonly auto_reconcile: boolean;
    readonly update_cost_model: boolean;
    readonly data_retention_days: number;
    readonly reconciliation_timeout: number;
    readonly max_retries: number;
    readonly notification_enabled: boolean;
    readonly compliance_reporting: boolean;
    readonly cost_model_learning: {
      readonly enabled: boolean;
      readonly accuracy_threshold: number;
      /** Percent. */
      readonly variance_threshold: number;
      readonly feedback_frequency: string;
    };
  };
  readonly auth: {
    readonly enabled: boolean;
    readonly jwt_secret: string;
    readonly jwt_expiry: number;
    readonly api_key_auth: boolean;
    readonly api_keys: readonly string[];
    readonly admin_users: readonly string[];
  };
  readonly service: {
    readonly listen_addr: string;
    readonly read_timeout: number;
    readonly write_timeout: number;
    readonly shutdown_timeout: number;
    readonly tls_enabled: boolean;
    readonly tls_cert_file: string;
    readonly tls_key_file: string;
    readonly cors_enabled: boolean;
    readonly cors_origins: readonly string[];
  };
  readonly metrics: {
    readonly enabled: boolean;
    readonly path: string;
    readonly namespace: string;
    readonly subsystem: string;
    readonly prometheus_url: string;
  };
  readonly cost: {
    readonly data_dir: string;
    readonly data_group?: string | undefined;
    readonly price_file: string;
    /** Seconds of boot and idle time that every hold covers. */
    readonly overhead_seconds: number;
    readonly charge_idle: 'job' | 'pool' | 'none';
    readonly pool_account?: string | undefined;
    readonly aborted_attempts: 'job' | 'site';
    readonly discount_percent: Readonly<Record<string, string>>;
    readonly max_cost_per_hour?: string | undefined;
    readonly max_total_cost?: string | undefined;
    readonly billing_model?: 'per-second' | 'hourly' | undefined;
    /** Volumes are part of what an instance costs (burst.md COST-8). */
    readonly include_ebs: boolean;
    /** Dollars per GiB and month; there when `include_ebs` is true. */
    readonly ebs_gb_month_price?: string | undefined;
  };
  readonly aws: {
    readonly region: string;
    readonly authentication_method: string;
    readonly credentials_profile?: string | undefined;
    readonly access_keys?:
      | {
          readonly access_key_id: string;
          readonly secret_access_key: string;
          readonly session_token?: string | undefined;
        }
      | undefined;
    readonly assume_role?:
      | {
          readonly role_arn?: string | undefined;
          readonly session_name?: string | undefined;
          readonly duration_seconds?: number | undefined;
          readonly external_id?: string | undefined;
          readonly policy?: string | undefined;
        }
      | undefined;
    readonly sso?:
      | {
          readonly profile_name?: string | undefined;
          readonly start_url?: string | undefined;
          readonly account_id?: string | undefined;
          readonly role_name?: string | undefined;
        }
      | undefined;
    readonly web_identity?:
      | {
          readonly role_arn?: string | undefined;
          readonly token_file?: string | undefined;
          readonly session_name?: string | undefined;
        }
      | undefined;
    readonly cross_account?:
      | {
          readonly source_profile?: string | undefined;
          readonly target_role_arn?: string | undefined;
          readonly external_id?: string | undefined;
          readonly session_name?: string | undefined;
        }
      | undefined;
    readonly retry_max_attempts: number;
    readonly retry_mode: 'standard' | 'adaptive';
    readonly endpoint_url?: string | undefined;
    readonly connect_timeout: number;
    readonly request_timeout: number;
  };
  readonly slurm: {
    readonly user: string;
    readonly cluster_name: string;
    /** Ends in `/`: `${bin_path}scontrol`. */
    readonly bin_path: string;
    readonly config_path: string;
    readonly state_dir: string;
    readonly private_data: string;
    readonly resume_program: string;
    readonly suspend_program: string;
    readonly resume_rate: number;
    readonly suspend_rate: number;
    readonly resume_timeout: number;
    readonly suspend_timeout: number;
    readonly suspend_time: number;
    readonly tree_width: number;
    readonly command_timeout: number;
    /** True: resume_rate may differ from 0, and jobs of two and more nodes are refused at submit. */
    readonly allow_split_gangs?: boolean | undefined;
    readonly default_partition: string;
    readonly partitions: readonly PartitionSettings[];
  };
  readonly burst: {
    readonly batch_size: number;
    readonly terminate_batch_size: number;
    readonly breaker: {
      readonly window: number;
      readonly threshold: number;
      readonly open_for: number;
    };
    readonly ceiling: {
      readonly instances?: number | undefined;
      readonly starts_per_hour?: number | undefined;
      readonly cost_per_hour?: string | undefined;
    };
    readonly api_budget?:
      | Readonly<
          Record<
            'launch' | 'describe' | 'terminate' | 'mutate',
            { readonly size: number; readonly per_second: number }
          >
        >
      | undefined;
    readonly spot_notice?: 'requeue' | 'signal' | 'wait' | undefined;
    readonly protected_failure_count: number;
    readonly orphan_grace: number;
    readonly requeue_delay: number;
    readonly max_aborts_per_job: number;
    readonly reconcile_gap: number;
    /** Milliseconds; older facts of instance types are asked anew. */
    readonly catalog_max_age: number;
    readonly node_hostname: 'nodename' | 'private-dns' | 'ip';
    /** What a plan may name beyond the node group's own. */
    readonly allowed_subnets: readonly string[];
    readonly allowed_launch_templates: readonly string[];
    readonly allow_plan_user_data: boolean;
  };
  /** The advisor and its plans (burst.md 2.4), also spelled asba. */
  readonly absa: {
    readonly enabled: 'auto-detect' | 'true' | 'false';
    /** Path, or a name that is looked for in the usual directories. */
    readonly command: string;
    readonly config_path: string;
    readonly timeout_seconds: number;
    readonly at_submit: boolean;
    readonly plan_dir: string;
    /** Milliseconds; 0: for ever. */
    readonly plan_max_age: number;
    readonly on_bad_plan: 'abort' | 'standalone';
    readonly on_unavailable: 'standalone' | 'abort';
  };
  readonly ecosystem: { readonly data_exchange_dir: string };
  readonly mpi: {
    readonly efa_default: 'required' | 'preferred' | 'optional' | 'disabled';
    readonly hpc_instances_threshold: number;
    readonly placement_group_threshold: number;
    readonly force_cluster_placement_group: boolean;
    /** By name; beside or instead of those of burst.md 4.3. */
    readonly applications: Readonly<
      Record<
        string,
        {
          readonly aliases: readonly string[];
          readonly confidence: number;
          readonly hpc: boolean;
        }
      >
    >;
  };
  readonly logging: {
    readonly level: 'debug' | 'info' | 'warn' | 'error' | 'fatal';
    readonly file: string;
    readonly max_size_mb: number;
    /** Of commands: stderr, stdout or a file. */
    readonly output?: string | undefined;
    readonly format?: 'json' | 'text' | 'console' | undefined;
  };
}

export interface PartitionSettings {
  readonly partition_name: string;
  readonly fail: 'closed' | 'open';
  readonly partition_options: Readonly<Record<string, string>>;
  readonly node_groups: readonly NodeGroupSettings[];
}

export interface NodeGroupSettings {
  readonly node_group_name: string;
  readonly max_nodes: number;
  readonly node_digits: number;
  readonly first_index: number;
  readonly region: string;
  readonly purchasing_option: 'spot' | 'on-demand' | 'mixed' | 'capacity-block';
  readonly spot_fallback: 'on-demand' | 'none';
  /** 0 to 1, of `mixed`; absent: by the kind of the job (burst.md 5.4). */
  readonly spot_ratio?: number | undefined;
  readonly launch_template_specification: {
    readonly launch_template_name?: string | undefined;
    readonly launch_template_id?: string | undefined;
    readonly version: string;
  };
  readonly launch_template_overrides: readonly {
    readonly instance_type: string;
    readonly spot_price?: string | undefined;
    readonly on_demand_price?: string | undefined;
    readonly subnet_id?: string | undefined;
  }[];
  readonly subnet_ids: readonly string[];
  readonly security_group_ids: readonly string[];
  readonly iam_instance_profile?: string | undefined;
  readonly slurm_specifications: Readonly<Record<string, string>>;
  readonly on_demand_options: Readonly<Record<string, string>>;
  readonly spot_options: Readonly<Record<string, string>>;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  readonly placement_group: 'auto' | 'none' | 'cluster' | 'partition' | 'spread';
  readonly api: 'create-fleet' | 'run-instances';
  /** Seconds. */
  readonly boot_timeout: number;
}
