// Stands in for the worker: ready at once, ends with its supervisor, says what it was given.
console.log(`worker with ${process.env.TEMPORAL_ADDRESS} for ${process.env.RATCHET_HOME}`);
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
setInterval(() => undefined, 1_000);
process.send({ kind: 'ready' });
