/** Instances that may be asked for just now, by all processes of this cluster together (burst.md 5.7). */
export interface LaunchBudget {
  /** False: not for some time yet; EC2 would throttle the call. */
  take(instances: number): Promise<boolean>;
  /** Of those taken, what did not start. */
  putBack(instances: number): void;
}
