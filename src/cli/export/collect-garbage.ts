/** What Bun and a V8 with --expose-gc have. */
interface Collector {
  readonly gc?: (isNow?: boolean) => void;
}

function collectorOf(): () => void {
  const { bun } = process.versions;
  if (bun !== undefined) {
    const { gc } = (globalThis as { readonly Bun?: Collector }).Bun ?? {};
    return () => gc?.(true);
  }
  process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc');
  const found: unknown = process.getBuiltinModule('node:vm').runInNewContext('gc');
  return typeof found === 'function' ? (found as () => void) : () => undefined;
}

let collect: (() => void) | undefined;

/**
 * Now. Both runtimes let garbage grow with the machine's memory: an export of a million rows would take
 * half a gigabyte beside the jobs of a head node. The addon frees its statements when the event loop turns.
 */
export async function collectGarbage(): Promise<void> {
  collect ??= collectorOf();
  collect();
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
