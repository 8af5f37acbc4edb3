import type { Sequence } from './player.ts';

/** Each has cloud nodes of its own, so that all of them can be played in the lab at once. */
export const JOBS: readonly Sequence[] = [
  {
    name: 'completes, then SuspendTime',
    nodes: 1,
    awake: 1,
    play: async (on) => {
      await on.sbatch("-p cloud -w @1 -t 5 -J done --comment asbb:t=1 --wrap 'sleep 2'");
      await on.job('J1', 'COMPLETED');
      await on.node(1, 'idle%');
      await on.node(1, 'idle~');
    },
  },
  {
    name: 'fails',
    nodes: 1,
    awake: 1,
    play: async (on) => {
      await on.sbatch("-p cloud -w @1 -t 5 --wrap 'sleep 1; exit 3\n#ASBB run=1 exit=3'");
      await on.job('J1', 'FAILED', 'NonZeroExitCode');
    },
  },
  {
    name: 'cancelled by its owner while it runs',
    nodes: 1,
    awake: 1,
    play: async (on) => {
      await on.sbatch("-p cloud -w @1 -t 5 --wrap 'sleep 100'");
      await on.job('J1', 'RUNNING');
      await on.cmd('scancel J1', 'bob');
      await on.cmd('scancel J1', 'alice');
      await on.job('J1', 'CANCELLED');
    },
  },
  {
    name: 'a signal without a trap',
    nodes: 1,
    awake: 1,
    play: async (on) => {
      await on.sbatch("-p cloud -w @1 -t 5 --wrap 'sleep 100'");
      await on.job('J1', 'RUNNING');
      await on.cmd('scancel --signal=USR1 --batch J1');
      await on.job('J1', 'FAILED');
    },
  },
  {
    name: 'an array, task after task',
    nodes: 1,
    awake: 1,
    play: async (on) => {
      await on.sbatch("-p cloud -w @1 -n 4 --array=1-3 -t 5 --wrap 'sleep 1'");
      await on.job('J1_3', 'COMPLETED');
    },
  },
  {
    name: 'a held array loses a task',
    nodes: 0,
    play: async (on) => {
      await on.sbatch('-p cloud -H --array=1-4%2 -t 5 --wrap true');
      await on.cmd('scancel J1_2', 'alice');
      await on.cmd('squeue -h -r -t all -j J1 -o %A|%F|%K|%T|%P|%a|%u|%D|%C|%l|%S|%N|%r');
      await on.cmd('squeue -h -j J1 -o %i');
      await on.cmd('scontrol show job -o J1_3');
      await on.cmd('scontrol show job -o J1_9');
      await on.cmd('scancel J1', 'alice');
      await on.job('J1', 'CANCELLED');
    },
  },
  {
    name: 'held, released, held by root',
    nodes: 1,
    awake: 1,
    play: async (on) => {
      await on.sbatch("-p cloud -w @1 -H -t 5 --wrap 'sleep 1'");
      await on.job('J1', 'PENDING', 'JobHeldUser');
      await on.cmd('scontrol hold J1');
      await on.job('J1', 'PENDING', 'JobHeldAdmin');
      await on.cmd('scontrol release J1', 'alice');
      await on.cmd('scontrol release J1');
      await on.job('J1', 'COMPLETED');
    },
  },
  {
    name: 'begins later',
    nodes: 1,
    awake: 1,
    play: async (on) => {
      await on.sbatch("-p cloud -w @1 --begin=now+5 -t 5 --wrap 'sleep 1'");
      await on.job('J1', 'PENDING', 'BeginTime');
      await on.job('J1', 'COMPLETED');
    },
  },
  {
    name: 'requeued by a person',
    nodes: 1,
    awake: 1,
    play: async (on) => {
      await on.sbatch("-p cloud -w @1 -t 5 --wrap 'sleep 3'");
      await on.job('J1', 'RUNNING');
      await on.cmd('scontrol update jobid=J1 admincomment=asbb:hold=x comment=mine');
      await on.cmd('scontrol requeue J1');
      await on.job('J1', 'PENDING', 'BeginTime');
      await on.cmd('scontrol requeue J1');
      await on.cmd('scontrol update jobid=J1 starttime=now+1');
      await on.job('J1', 'COMPLETED');
    },
  },
  {
    name: 'not requeueable',
    nodes: 1,
    awake: 1,
    play: async (on) => {
      await on.sbatch("-p cloud -w @1 --no-requeue -t 5 --wrap 'sleep 100'");
      await on.job('J1', 'RUNNING');
      await on.cmd('scontrol requeue J1');
      await on.cmd('scontrol update nodename=@1 state=power_down_force reason=gone');
      await on.job('J1', 'NODE_FAIL', 'NodeDown');
    },
  },
  {
    name: 'a gang that is resumed',
    nodes: 2,
    play: async (on) => {
      await on.sbatch("-p cloud -w @[1-2] -N2 --exclusive -t 5 --wrap 'sleep 2'");
      await on.job('J1', 'COMPLETED');
      await on.node(1, 'idle');
    },
  },
  {
    name: 'nodes that never come, requeued',
    nodes: 1,
    play: async (on) => {
      on.onResume(1, 'nothing');
      await on.sbatch('-p cloud -w @1 -t 5 --wrap true');
      await on.job('J1', 'CONFIGURING');
      await on.node(1, 'down~');
      await on.job('J1', 'PENDING', 'BeginTime');
      await on.cmd('scancel J1', 'alice');
      await on.cmd('scontrol update nodename=@1 state=resume');
      await on.node(1, 'idle~');
    },
  },
  {
    name: 'nodes that never come, not requeued',
    nodes: 1,
    play: async (on) => {
      on.onResume(1, 'nothing');
      await on.sbatch('-p cloud -w @1 --no-requeue -t 5 --wrap true');
      await on.job('J1', 'NODE_FAIL', 'NodeDown');
      await on.cmd('scontrol update nodename=@1 state=power_down_force reason=again');
      await on.node(1, 'idle%');
      await on.node(1, 'idle~');
    },
  },
  {
    name: 'forced down while it is configured, then held',
    nodes: 2,
    play: async (on) => {
      on.onResume(1, 'nothing');
      on.onResume(2, 'nothing');
      await on.sbatch('-p cloud -w @[1-2] -N2 --exclusive -t 5 --wrap true');
      await on.node(1, 'alloc#');
      await on.cmd('scontrol update nodename=@[1-2] state=power_down_force reason=lost');
      await on.job('J1', 'PENDING');
      await on.cmd('scontrol hold J1');
      await on.job('J1', 'PENDING', 'JobHeldAdmin');
      await on.node(1, 'idle~');
      await on.node(2, 'idle~');
    },
  },
  {
    name: 'forced down by ResumeProgram itself',
    nodes: 2,
    play: async (on) => {
      on.onResume(1, 'force');
      on.onResume(2, 'force');
      await on.sbatch('-p cloud -w @[1-2] -N2 --exclusive --no-requeue -t 5 --wrap true');
      await on.job('J1', 'NODE_FAIL');
      await on.node(1, 'idle~');
    },
  },
  {
    name: 'cancelled while it is configured',
    nodes: 1,
    play: async (on) => {
      on.onResume(1, 'nothing');
      await on.sbatch('-p cloud -w @1 --exclusive -t 5 --wrap true');
      await on.node(1, 'alloc#');
      await on.cmd('scancel J1', 'alice');
      await on.node(1, 'idle#');
      await on.boot(1);
      await on.node(1, 'idle');
    },
  },
  {
    name: 'a node that dies',
    nodes: 1,
    awake: 1,
    play: async (on) => {
      await on.sbatch("-p cloud -w @1 --exclusive -t 5 --wrap 'sleep 300'");
      await on.job('J1', 'RUNNING');
      await on.kill(1);
      await on.node(1, 'down*');
      await on.job('J1', 'PENDING', 'BeginTime');
      await on.cmd('scancel J1');
    },
  },
];
