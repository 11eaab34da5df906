/** What README tells a newcomer to type: the lines of the first `sh` block after "## Start", comments left out. */
export function newcomerCommands(readme) {
  const start = readme.indexOf('\n## Start');
  const block = /```sh\n([\s\S]*?)```/.exec(readme.slice(start))?.[1] ?? '';
  return block
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#') && !/^(git clone|cd) /.test(line));
}
