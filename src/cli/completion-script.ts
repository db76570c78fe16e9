import type { CompletionNode, CompletionOption } from './completion-tree.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** One word of a POSIX shell, whatever it holds. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
/** fish has escapes inside single quotes. */
const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const longName = (option: CompletionOption): string => option.names.at(-1) ?? '';

/** `case` arms that follow the words typed so far down the tree. */
function pathArms(nodes: readonly CompletionNode[]): string {
  const paths = nodes.filter(({ path }) => path.length > 0);
  return paths
    .map(
      ({ path }) =>
        `      ${quoted([path.slice(0, -1).join(' '), path.at(-1)].join('/'))}) at=${quoted(path.join(' '))} ;;`,
    )
    .join('\n');
}

/** `case` arms that give the values of an option, by command and option. */
function valueArms(nodes: readonly CompletionNode[], set: (words: readonly string[]) => string): string {
  return nodes
    .flatMap(({ path, options }) =>
      options
        .filter(({ takesValue }) => takesValue)
        .map((option) => `    ${quoted(`${path.join(' ')}/${longName(option)}`)}) ${set(option.values)} ;;`),
    )
    .join('\n');
}

function bashScript(nodes: readonly CompletionNode[]): string {
  const set = (words: readonly string[]): string =>
    words.length === 0 ? 'return' : `words=${quoted(words.join(' '))}`;
  const wordArms = nodes
    .map(({ path, commands, options, argumentValues }) => {
      const names = [...commands.map(({ name }) => name), ...argumentValues];
      return `      ${quoted(path.join(' '))}) words=${quoted(names.join(' '))} options=${quoted(options.map(longName).join(' '))} ;;`;
    })
    .join('\n');
  return `# bash completion of bench. To use it: source <(bench completion bash)
_bench() {
  local cur previous at= words= options= i last=0 glued= typed=\${COMP_WORDS[COMP_CWORD]}
  local -a line
  line=("\${COMP_WORDS[0]}")
  # bash parts words at : and = too: reference:FAULT is one word again, --name=VALUE are two.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      =) if [[ \${line[last]} == --* ]]; then line[++last]=; else line[last]+==; fi; glued=1 ;;
      :) line[last]+=:; glued=1 ;;
      *) if [[ -z $glued ]]; then last=$((last + 1)); line[last]=; fi; line[last]+=\${COMP_WORDS[i]}; glued= ;;
    esac
  done
  cur=\${line[last]} previous=\${line[last-1]}
  if [[ -n $glued ]]; then typed=; fi
  for ((i = 1; i < last; i++)); do
    case "$at/\${line[i]}" in
${pathArms(nodes)}
    esac
  done
  COMPREPLY=()
  case "$at/$previous" in
${valueArms(nodes, set)}
    *)
      case "$at" in
${wordArms}
      esac
      if [[ $cur == -* ]]; then words=$options; fi
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  # What stands before the last : is on the line already.
  COMPREPLY=("\${COMPREPLY[@]#"\${cur%"$typed"}"}")
}
complete -o default -F _bench bench
`;
}

function zshScript(nodes: readonly CompletionNode[]): string {
  const described = (name: string, text: string): string => quoted(`${name.replaceAll(':', '\\:')}:${text}`);
  const set = (words: readonly string[]): string =>
    words.length === 0 ? '_files; return' : `compadd -- ${words.map(quoted).join(' ')}; return`;
  const wordArms = nodes
    .map(({ path, commands, options, argumentValues }) => {
      const names = [
        ...commands.map(({ name, description }) => described(name, description)),
        ...argumentValues.map((name) => described(name, '')),
      ];
      const flags = options.map((option) => described(longName(option), option.description));
      return `    ${quoted(path.join(' '))}) names=(${names.join(' ')}) options=(${flags.join(' ')}) ;;`;
    })
    .join('\n');
  return `#compdef bench
# zsh completion of bench. To use it: bench completion zsh > "\${fpath[1]}/_bench", or source it after compinit.
_bench() {
  local at= word
  local -a names options
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at/$word" in
${pathArms(nodes)}
    esac
  done
  local previous=\${words[CURRENT-1]}
  if [[ \${words[CURRENT]} == --*=* ]]; then
    previous=\${words[CURRENT]%%=*}
    compset -P '*='
  fi
  case "$at/$previous" in
${valueArms(nodes, set)}
  esac
  case "$at" in
${wordArms}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    _describe option options
  elif (( \${#names} )); then
    _describe name names
  else
    _files
  fi
}
# Loaded from fpath, this file is the body of the function at its first call.
if [[ \${funcstack[1]} == _bench ]]; then
  _bench "$@"
elif (( $+functions[compdef] )); then
  compdef _bench bench
fi
`;
}

function fishLines({ path, commands, options, argumentValues }: CompletionNode): readonly string[] {
  const at = `complete -c bench -n ${fishQuoted(`test (__bench_at) = ${fishQuoted(path.join(' '))}`)}`;
  return [
    ...commands.map(({ name, description }) => `${at} -f -a ${fishQuoted(name)} -d ${fishQuoted(description)}`),
    ...(argumentValues.length === 0 ? [] : [`${at} -f -a ${fishQuoted(argumentValues.join(' '))}`]),
    ...options.map((option) => {
      const values = option.values.length === 0 ? '-r' : `-x -a ${fishQuoted(option.values.join(' '))}`;
      return `${at} -l ${longName(option).slice(2)}${option.takesValue ? ` ${values}` : ''} -d ${fishQuoted(option.description)}`;
    }),
  ];
}

function fishScript(nodes: readonly CompletionNode[]): string {
  const paths = nodes.filter(({ path }) => path.length > 0).map(({ path }) => fishQuoted(path.join(' ')));
  return `# fish completion of bench. To use it: bench completion fish > ~/.config/fish/completions/bench.fish
function __bench_at
  set -l at
  for word in (commandline -opc)[2..]
    set -l next (string join -- ' ' $at $word)
    if contains -- $next ${paths.join(' ')}
      set at $next
    end
  end
  echo "$at"
end
${nodes.flatMap(fishLines).join('\n')}
`;
}

/** A static script: it asks bench for nothing while one types. */
export function completionScript(shell: Shell, nodes: readonly CompletionNode[]): string {
  switch (shell) {
    case 'bash':
      return bashScript(nodes);
    case 'zsh':
      return zshScript(nodes);
    case 'fish':
      return fishScript(nodes);
  }
}
