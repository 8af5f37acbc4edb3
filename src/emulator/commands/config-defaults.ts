/**
 * What `scontrol show config` of SLURM 22.05.8 prints for a key that slurm.conf leaves out, in its order;
 * the unit behind a number is printed behind a configured one too.
 */
export const CONFIG_DEFAULTS = `
AccountingStorageBackupHost|(null)
AccountingStorageEnforce|none
AccountingStorageHost|localhost
AccountingStorageExternalHost|(null)
AccountingStorageParameters|(null)
AccountingStoragePort|0
AccountingStorageTRES|cpu,mem,energy,node,billing,fs/disk,vmem,pages
AccountingStorageType|accounting_storage/none
AccountingStorageUser|N/A
AccountingStoreFlags|(null)
AcctGatherEnergyType|acct_gather_energy/none
AcctGatherFilesystemType|acct_gather_filesystem/none
AcctGatherInterconnectType|acct_gather_interconnect/none
AcctGatherNodeFreq|0 sec
AcctGatherProfileType|acct_gather_profile/none
AllowSpecResourcesUsage|No
AuthAltTypes|(null)
AuthAltParameters|(null)
AuthInfo|(null)
AuthType|auth/munge
BatchStartTimeout|10 sec
BcastExclude|/lib,/usr/lib,/lib64,/usr/lib64
BcastParameters|(null)
BOOT_TIME|2026-11-21T08:17:30
BurstBufferType|(null)
CliFilterPlugins|(null)
ClusterName|lab
CommunicationParameters|(null)
CompleteWait|0 sec
CoreSpecPlugin|core_spec/none
CpuFreqDef|Unknown
CpuFreqGovernors|OnDemand,Performance,UserSpace
CredType|cred/munge
DebugFlags|(null)
DefMemPerCPU|0
DependencyParameters|(null)
DisableRootJobs|No
EioTimeout|60
EnforcePartLimits|NO
Epilog|(null)
EpilogMsgTime|2000 usec
EpilogSlurmctld|(null)
ExtSensorsType|ext_sensors/none
ExtSensorsFreq|0 sec
FederationParameters|(null)
FirstJobId|1
GetEnvTimeout|2 sec
GresTypes|(null)
GpuFreqDef|high,memory=high
GroupUpdateForce|1
GroupUpdateTime|600 sec
HASH_VAL|Match
HealthCheckInterval|0 sec
HealthCheckNodeState|ANY
HealthCheckProgram|(null)
InactiveLimit|0 sec
InteractiveStepOptions|--interactive --preserve-env --pty $SHELL
JobAcctGatherFrequency|30
JobAcctGatherType|jobacct_gather/none
JobAcctGatherParams|(null)
JobCompHost|localhost
JobCompLoc|/var/log/slurm_jobcomp.log
JobCompPort|0
JobCompType|jobcomp/none
JobCompUser|root
JobContainerType|job_container/none
JobCredentialPrivateKey|(null)
JobCredentialPublicCertificate|(null)
JobDefaults|(null)
JobFileAppend|0
JobRequeue|1
JobSubmitPlugins|(null)
KillOnBadExit|0
KillWait|30 sec
LaunchParameters|(null)
LaunchType|launch/slurm
Licenses|(null)
LogTimeFormat|iso8601_ms
MailDomain|(null)
MailProg|/bin/mail
MaxArraySize|1001
MaxDBDMsgs|20276
MaxJobCount|10000
MaxJobId|67043328
MaxMemPerNode|UNLIMITED
MaxNodeCount|69
MaxStepCount|40000
MaxTasksPerNode|512
MCSPlugin|mcs/none
MCSParameters|(null)
MessageTimeout|10 sec
MinJobAge|300 sec
MpiDefault|none
MpiParams|(null)
MULTIPLE_SLURMD|Yes
NEXT_JOB_ID|7
NodeFeaturesPlugins|(null)
OverTimeLimit|0 min
PluginDir|/usr/lib/x86_64-linux-gnu/slurm-wlm
PlugStackConfig|(null)
PowerParameters|(null)
PowerPlugin|
PreemptMode|OFF
PreemptType|preempt/none
PreemptExemptTime|00:00:00
PrEpParameters|(null)
PrEpPlugins|prep/script
PriorityParameters|(null)
PrioritySiteFactorParameters|(null)
PrioritySiteFactorPlugin|(null)
PriorityType|priority/basic
PrivateData|none
ProctrackType|proctrack/linuxproc
Prolog|(null)
PrologEpilogTimeout|65534
PrologSlurmctld|(null)
PrologFlags|(null)
PropagatePrioProcess|0
PropagateResourceLimits|ALL
PropagateResourceLimitsExcept|(null)
RebootProgram|(null)
ReconfigFlags|(null)
RequeueExit|(null)
RequeueExitHold|(null)
ResumeFailProgram|(null)
ResumeProgram|(null)
ResumeRate|300 nodes/min
ResumeTimeout|60 sec
ResvEpilog|(null)
ResvOverRun|0 min
ResvProlog|(null)
ReturnToService|0
RoutePlugin|route/default
SchedulerParameters|(null)
SchedulerTimeSlice|30 sec
SchedulerType|sched/backfill
ScronParameters|(null)
SelectType|select/cons_tres
SelectTypeParameters|CR_CORE_MEMORY
SlurmUser|root(0)
SlurmctldAddr|(null)
SlurmctldDebug|info
SlurmctldHost[0]|labhost(127.0.0.1)
SlurmctldLogFile|(null)
SlurmctldPort|6817
SlurmctldSyslogDebug|(null)
SlurmctldPrimaryOffProg|(null)
SlurmctldPrimaryOnProg|(null)
SlurmctldTimeout|120 sec
SlurmctldParameters|(null)
SlurmdDebug|info
SlurmdLogFile|(null)
SlurmdParameters|(null)
SlurmdPidFile|/var/run/slurmd.pid
SlurmdPort|6818
SlurmdSpoolDir|/var/spool/slurmd
SlurmdSyslogDebug|(null)
SlurmdTimeout|300 sec
SlurmdUser|root(0)
SlurmSchedLogFile|(null)
SlurmSchedLogLevel|0
SlurmctldPidFile|/var/run/slurmctld.pid
SlurmctldPlugstack|(null)
SLURM_CONF|/tmp/slurm-lab/etc/slurm.conf
SLURM_VERSION|22.05.8
SrunEpilog|(null)
SrunPortRange|0-0
SrunProlog|(null)
StateSaveLocation|/var/spool
SuspendExcNodes|(null)
SuspendExcParts|(null)
SuspendProgram|(null)
SuspendRate|60 nodes/min
SuspendTime|INFINITE
SuspendTimeout|30 sec
SwitchParameters|(null)
SwitchType|switch/none
TaskEpilog|(null)
TaskPlugin|task/none
TaskPluginParam|(null type)
TaskProlog|(null)
TCPTimeout|2 sec
TmpFS|/tmp
TopologyParam|(null)
TopologyPlugin|topology/none
TrackWCKey|No
TreeWidth|50
UsePam|No
UnkillableStepProgram|(null)
UnkillableStepTimeout|60 sec
VSizeFactor|0 percent
WaitTime|0 sec
X11Parameters|(null)
`;
