import type { Sequence } from './player.ts';

/** What people and hooks ask for at nodes, jobs and partitions. */
export const PEOPLE: readonly Sequence[] = [
  {
    name: 'power without a job',
    nodes: 1,
    play: async (on) => {
      await on.cmd('scontrol update nodename=@1 state=power_up');
      await on.node(1, 'idle');
      await on.cmd('scontrol update nodename=@1 state=power_down');
      await on.node(1, 'idle%');
      await on.node(1, 'idle~');
    },
  },
  {
    name: 'forced down though it is clean',
    nodes: 1,
    play: async (on) => {
      await on.cmd('scontrol update nodename=@1 state=power_down_force reason=clean');
      await on.node(1, 'idle%');
      await on.node(1, 'idle~');
    },
  },
  {
    name: 'drained while powered down',
    nodes: 1,
    play: async (on) => {
      await on.cmd('scontrol update nodename=@1 state=drain');
      await on.cmd('scontrol update nodename=@1 state=drain reason=old');
      await on.node(1, 'drain~');
      await on.sbatch('-p cloud -w @1 -t 5 --wrap true');
      await on.job('J1', 'PENDING');
      await on.cmd('scancel J1', 'alice');
      await on.cmd('scontrol update nodename=@1 state=undrain');
      await on.node(1, 'idle~');
      await on.cmd('scontrol update nodename=@1 state=resume');
    },
  },
  {
    name: 'down while it runs',
    nodes: 1,
    awake: 1,
    play: async (on) => {
      await on.sbatch("-p cloud -w @1 -t 5 --wrap 'sleep 100'");
      await on.job('J1', 'RUNNING');
      await on.cmd('scontrol update nodename=@1 state=down reason=bad');
      await on.job('J1', 'PENDING', 'BeginTime');
      await on.cmd('scancel J1', 'alice');
    },
  },
  {
    name: 'down when its job has ended',
    nodes: 1,
    awake: 1,
    play: async (on) => {
      await on.sbatch("-p cloud -w @1 --exclusive -t 5 --wrap 'sleep 6'");
      await on.job('J1', 'RUNNING');
      await on.cmd('scontrol update nodename=@1 state=power_down_asap reason=old');
      await on.node(1, 'drng!');
      await on.job('J1', 'COMPLETED');
      await on.node(1, 'idle~');
    },
  },
  {
    name: 'cancelled while it is held',
    nodes: 0,
    play: async (on) => {
      await on.sbatch('-p cloud -H -N 2 -t 5 --wrap true');
      await on.cmd('scancel J1', 'alice');
      await on.job('J1', 'CANCELLED', 'JobHeldUser');
    },
  },
  {
    name: 'changed while it waits',
    nodes: 0,
    play: async (on) => {
      await on.sbatch("-p cloud -H -t 10 --comment 'a b=c' --wrap true");
      await on.cmd('scontrol update jobid=J1 timelimit=5', 'alice');
      await on.cmd('scontrol update jobid=J1 timelimit=500', 'alice');
      await on.cmd('scontrol update jobid=J1 timelimit=abc', 'alice');
      await on.cmd('scontrol update jobid=J1 numnodes=2', 'alice');
      await on.cmd('scontrol update jobid=J1 admincomment=x', 'alice');
      await on.cmd('scontrol update jobid=J1 comment=theirs', 'bob');
      await on.cmd('scontrol update jobid=J1 timelimit=1', 'bob');
      await on.cmd('scontrol hold J1', 'bob');
      await on.cmd('scontrol release J1', 'bob');
      await on.cmd('scontrol requeue J1', 'bob');
      await on.cmd('scontrol update nodename=cloud-1 state=drain reason=x', 'bob');
      await on.cmd('scontrol update partitionname=gpu state=DOWN', 'bob');
      await on.cmd("scontrol update jobid=J1 admincomment='asbb:hold=x y' comment=z");
      await on.cmd('scontrol update jobid=J1 partition=nosuch', 'alice');
      await on.cmd('scontrol update jobid=J1 account=chemistry', 'alice');
      await on.cmd('scontrol show job -o J1');
    },
  },
  {
    name: 'changed while it runs',
    nodes: 1,
    awake: 1,
    play: async (on) => {
      await on.sbatch("-p cloud -w @1 -t 10 --wrap 'sleep 100'");
      await on.job('J1', 'RUNNING');
      await on.cmd('scontrol update jobid=J1 timelimit=5', 'alice');
      await on.cmd('scontrol update jobid=J1 timelimit=20', 'alice');
      await on.cmd('scontrol update jobid=J1 timelimit=20');
      await on.cmd('scontrol update jobid=J1 numnodes=2', 'alice');
      await on.cmd('scontrol update jobid=J1 starttime=now+5');
      await on.cmd('scontrol update jobid=J1 admincomment=asbb:hold=r');
      await on.cmd('scancel J1', 'alice');
      await on.job('J1', 'CANCELLED');
    },
  },
  {
    name: 'two share a node, a third does not',
    nodes: 2,
    awake: 2,
    play: async (on) => {
      await on.sbatch("-p cloud -w @1 -n 1 -t 5 --wrap 'sleep 100'");
      await on.sbatch("-p cloud -w @1 -n 2 --mem=1G -t 5 --wrap 'sleep 100'", 'bob');
      await on.sbatch("-p cloud -w @2 -n 1 --exclusive -t 5 --wrap 'sleep 100'");
      await on.job('J1', 'RUNNING');
      await on.job('J2', 'RUNNING');
      await on.job('J3', 'RUNNING');
      for (const id of ['J1', 'J2', 'J3']) {
        await on.cmd(`scontrol show job -d -o ${id}`);
        await on.cmd(`scancel ${id}`);
        await on.job(id, 'CANCELLED');
      }
    },
  },
  {
    name: 'tasks over two nodes',
    nodes: 2,
    awake: 2,
    play: async (on) => {
      await on.sbatch("-p cloud -w @[1-2] -N 2 -n 6 --mem-per-cpu=500M -t 5 --wrap 'sleep 100'");
      await on.job('J1', 'RUNNING');
      await on.cmd('scontrol show job -d -o J1');
      await on.cmd('squeue -h -j J1 -o %A|%T|%D|%C|%N');
      await on.cmd('scancel J1');
      await on.job('J1', 'CANCELLED');
    },
  },
  {
    name: 'a het job',
    nodes: 1,
    awake: 1,
    play: async (on) => {
      await on.sbatch(
        "-p static -n1 -t 5 -J het --comment c : -p cloud -w @1 -n2 --wrap 'sleep 4'",
      );
      await on.job('J1', 'RUNNING');
      await on.cmd('squeue -h -j J1 -o %i|%j|%T|%P|%D|%C|%l');
      await on.job('J1', 'COMPLETED');
      await on.cmd('scontrol show job -o J1');
    },
  },
  {
    name: 'a held het job',
    nodes: 0,
    play: async (on) => {
      await on.sbatch("-p cloud -n1 -H : -p cloud -n2 -C cloud --wrap 'sleep 4'");
      await on.cmd('scontrol show job -o J1');
      await on.cmd('scontrol show job -o J1+1');
      await on.cmd('scancel J1', 'alice');
      await on.job('J1', 'CANCELLED');
    },
  },
  {
    name: 'waits for others',
    nodes: 1,
    awake: 1,
    play: async (on) => {
      await on.sbatch("-p cloud -w @1 -n 4 -t 5 --wrap 'sleep 100'");
      await on.job('J1', 'RUNNING');
      await on.sbatch("-p cloud -w @1 -n 4 -t 5 --wrap 'sleep 100'");
      await on.cmd('scancel J2', 'alice');
      await on.job('J2', 'CANCELLED');
      await on.cmd('scancel J1', 'alice');
      await on.job('J1', 'CANCELLED');
    },
  },
  {
    name: 'a script with options of its own',
    nodes: 0,
    play: async (on) => {
      await on.sbatch("-p cloud -H -c 3 --mem=1G -t 1-12 -C cloud --wrap 'hostname'");
      await on.cmd('scontrol write batch_script J1 -');
      await on.cmd('scontrol write batch_script 999999 -');
      await on.cmd('scontrol show job -o J1');
    },
  },
  {
    name: 'addresses',
    nodes: 2,
    play: async (on) => {
      await on.cmd('scontrol update nodename=@[1-2] nodeaddr=10.0.0.1 nodehostname=a');
      await on.cmd('scontrol update nodename=@[1-2],nosuch nodeaddr=a,b,c nodehostname=a,b,c');
      await on.cmd('scontrol update nodename=@1 state=bogus');
      await on.cmd('scontrol update nodename=@1 state=down');
      await on.cmd('scontrol update nodename=@1 state=resume');
    },
  },
  {
    name: 'GPUs, and a partition that is closed',
    nodes: 0,
    play: async (on) => {
      await on.sbatch('-p gpu -H --gres=gpu:2 -N 2 -t 5 --wrap true');
      await on.sbatch('-p gpu -H --gpus=1 -t 5 --wrap true');
      await on.sbatch('-p gpu -N 9 -t 5 --wrap true');
      await on.job('J3', 'PENDING', 'PartitionNodeLimit');
      await on.cmd('scancel J3', 'alice');
      await on.cmd('scontrol update partitionname=gpu state=INACTIVE');
      await on.cmd('sbatch -p gpu --gres=gpu:1 --wrap true', 'alice');
      await on.cmd('scontrol show partition -o gpu');
      await on.cmd('scontrol update partitionname=gpu state=UP');
      await on.cmd('scontrol update partitionname=gpu state=bogus');
      await on.cmd('scontrol update partitionname=nosuch state=UP');
    },
  },
  {
    name: 'submissions that SLURM refuses',
    nodes: 0,
    play: async (on) => {
      for (const options of [
        ...['-p nosuch', '-A nosuch', '-A chemistry', '-p cloud -N 1 -n 5', '-p cloud -c 5'],
        ...[
          '-p cloud -C nosuch',
          '-p cloud --mem=9000',
          '-p cloud --gres=gpu:1',
          '-p cloud -w nosuch',
        ],
        ...['-p cloud -t bad', '-p cloud --array=1-2000', '-p cloud --array=x', '-p cloud -N x'],
        ...['-p cloud -n 0', '-p cloud --mem=abc'],
      ]) {
        await on.cmd(`sbatch ${options} --wrap true`, 'alice');
      }
      await on.cmd('sbatch -p cloud /nonexistent/script', 'alice');
    },
  },
  {
    name: 'ids that nobody has',
    nodes: 0,
    play: async (on) => {
      for (const line of [
        ...['scontrol show job -o 999999', 'scontrol requeue 999999', 'scontrol hold 999999'],
        ...[
          'scontrol release 999999',
          'scontrol update jobid=999999 timelimit=5',
          'scancel 999999',
        ],
        ...['scancel abc', 'scancel --signal=USR1 --batch 999999', 'scancel --signal=BOGUS 1'],
        ...['scontrol show node -o nosuch', 'squeue -h -t CF,R,PD -o %A|%N -w nosuch'],
        ...['scontrol show job -o 1,2', 'scontrol update bogus=1'],
      ]) {
        await on.cmd(line);
      }
    },
  },
  {
    name: 'what would happen to a job',
    nodes: 0,
    play: async (on) => {
      await on.cmd('sbatch --test-only -p cloud -N 99 --wrap true', 'alice');
    },
  },
  {
    name: 'who may use what',
    nodes: 0,
    play: async (on) => {
      await on.cmd('sacctmgr -n -P show assoc format=Cluster,Account,User');
      await on.cmd('scontrol show partition -o gpu');
    },
  },
];
