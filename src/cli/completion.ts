/** Shell completion, made from the commands as they are registered. Pure. */
import type { Command } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

interface Word {
  readonly word: string;
  readonly about: string;
}
/** A command with what may follow it; `at` is `/schedule/list`, empty for `ratchet` itself. */
interface Place {
  readonly at: string;
  readonly commands: readonly Word[];
  readonly options: readonly Word[];
}

/** The first sentence, without what a shell would read. */
const plain = (text: string): string => (text.split('\n')[0] ?? '').replace(/['"`\\$:[\]]/g, '').slice(0, 80);

function placesOf(command: Command, at = ''): readonly Place[] {
  const children = command.commands.filter((child) => child.name() !== 'help');
  const options = command.options.flatMap(({ long, description, hidden }) =>
    hidden || long === undefined || long === null ? [] : [{ word: long, about: plain(description) }],
  );
  const choices = command.registeredArguments.flatMap(({ argChoices = [], description }) =>
    argChoices.map((word) => ({ word, about: plain(description) })),
  );
  const commands = children.map((child) => ({ word: child.name(), about: plain(child.description()) }));
  return [
    { at, commands: [...commands, ...choices], options: [...options, { word: '--help', about: 'help' }] },
    ...children.flatMap((child) => placesOf(child, `${at}/${child.name()}`)),
  ];
}

/** Pattern of a shell's `case` for every command below the first. */
const known = (places: readonly Place[]): readonly string[] =>
  places.map(({ at }) => at).filter((at) => at !== '');

function bash(places: readonly Place[]): string {
  const cases = places.map(
    ({ at, commands, options }) =>
      `    '${at}') words='${[...commands, ...options].map(({ word }) => word).join(' ')}' ;;`,
  );
  return `# ratchet completion for bash: source <(ratchet completion bash)
_ratchet() {
  local at='' words='' word index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case "$at/$word" in
      ${known(places).join('|')}) at="$at/$word" ;;
    esac
  done
  case "$at" in
${cases.join('\n')}
  esac
  # No mapfile: the bash of macOS has none.
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _ratchet ratchet ./ratchet`;
}

function zsh(places: readonly Place[]): string {
  const cases = places.map(
    ({ at, commands, options }) =>
      `    '${at}') found=(${[...commands, ...options].map(({ word, about }) => `'${word}:${about}'`).join(' ')}) ;;`,
  );
  return `#compdef ratchet
# ratchet completion for zsh: source <(ratchet completion zsh)
_ratchet() {
  local at='' word
  local -a found
  for word in "\${words[@]:1:$((CURRENT - 2))}"; do
    case "$at/$word" in
      ${known(places).join('|')}) at="$at/$word" ;;
    esac
  done
  case "$at" in
${cases.join('\n')}
  esac
  _describe 'ratchet' found
  _files
}
(( $+functions[compdef] )) && compdef _ratchet ratchet ./ratchet`;
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ at, commands, options }) => {
    const when = `complete -c ratchet -n 'test (__ratchet_at) = "${at}/"'`;
    return [
      ...commands.map(({ word, about }) => `${when} -a '${word}' -d '${about}'`),
      ...options.map(({ word, about }) => `${when} -l '${word.slice(2)}' -d '${about}'`),
    ];
  });
  return `# ratchet completion for fish: ratchet completion fish | source
function __ratchet_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    switch "$at/$word"
      case ${known(places).join(' ')}
        set at "$at/$word"
    end
  end
  echo "$at/"
end
${lines.join('\n')}`;
}

/** The script of a shell for a program with all its commands. */
export function completionScript(program: Command, shell: Shell): string {
  return { bash, zsh, fish }[shell](placesOf(program));
}
