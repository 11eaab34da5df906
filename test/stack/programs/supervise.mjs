// A detached supervisor for tests: `node supervise.mjs STACK_MODULE CONFIG_MODULE WORKER API`, reporting over IPC.
const [stack, config, worker, api] = process.argv.slice(2);
const { runSupervisor } = await import(stack);
const { readConfig } = await import(config);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const tell = (message) => process.connected && process.send(message, () => undefined);
try {
  await runSupervisor(readConfig(process.env), {
    root: process.cwd(),
    environment: process.env,
    signal: stop.signal,
    anyPorts: true,
    programs: { worker, api },
    onReady: () => tell({ kind: 'ready' }),
  });
} catch (error) {
  tell({ kind: 'failed', code: error.code ?? 'INTERNAL', message: error.message, where: error.where });
  console.error(error);
  process.exitCode = 3;
} finally {
  if (process.connected) process.disconnect();
}
