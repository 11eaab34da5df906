// A worker that cannot start.
console.error('the reason is on the last line');
process.exit(1);
