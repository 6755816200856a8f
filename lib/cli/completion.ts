import type { Command } from "./command";
import { optionsOf } from "./parser";
import { PROGRAM } from "./program";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** Lists the environments below the current directory; an example is no environment. */
const ENVIRONMENTS = "ls environments 2>/dev/null | sed -n '/\\.example\\.yaml$/d; s/\\.yaml$//p'";

/** zsh reads bash completions after its own are loaded, which zsh does not do by default. */
const ZSH = `(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -D -i; }
autoload -Uz +X bashcompinit && bashcompinit
`;

/** A script that completes commands, options and the names of environments in `shell`. */
export function completionScript(shell: Shell, commands: ReadonlyMap<string, Command>): string {
  if (shell === "fish") return fish(commands);
  return shell === "zsh" ? `${ZSH}${bash(commands)}` : bash(commands);
}

function bash(commands: ReadonlyMap<string, Command>): string {
  const cases = [...commands].map(([name, command]) => {
    const environments = takesEnvironment(command) ? `$(${ENVIRONMENTS})` : "";
    return `    ${name}) words="${[...optionNames(command), environments].filter((word) => word !== "").join(" ")}" ;;`;
  });
  return `# completion of ${PROGRAM}, also behind npx
_secure_bookstack() {
  local words="${[...commands.keys()].join(" ")}" word at
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    [[ $word == -* || $word == ${PROGRAM} ]] && continue
    case $word in
${cases.map((line) => `  ${line}`).join("\n")}
      *) continue ;;
    esac
    break
  done
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
_secure_bookstack_npx() {
  if [[ $COMP_CWORD -gt 1 && \${COMP_WORDS[1]} == ${PROGRAM} ]]; then _secure_bookstack
  else COMPREPLY=($(compgen -W ${PROGRAM} -- "\${COMP_WORDS[COMP_CWORD]}")); fi
}
complete -F _secure_bookstack ${PROGRAM}
complete -o default -F _secure_bookstack_npx npx
`;
}

function fish(commands: ReadonlyMap<string, Command>): string {
  const lines = [...commands].flatMap(([name, command]) => [
    `complete -c ${PROGRAM} -f -n __fish_use_subcommand -a ${name} -d '${command.summary.replaceAll("'", "")}'`,
    ...(takesEnvironment(command) ? [] : [`complete -c ${PROGRAM} -f -n '__fish_seen_subcommand_from ${name}'`]),
    ...(takesEnvironment(command) ? [`complete -c ${PROGRAM} -f -n '__fish_seen_subcommand_from ${name}' -a "(${ENVIRONMENTS.replaceAll("$", "\\$")})"`] : []),
    ...Object.entries(optionsOf(command)).map(
      ([option, { description, value }]) =>
        `complete -c ${PROGRAM} -n '__fish_seen_subcommand_from ${name}' -l ${option}${value === undefined ? "" : " -r"} -d '${description.replaceAll("'", "")}'`,
    ),
  ]);
  const behindNpx = [
    `complete -c npx -n '__fish_use_subcommand' -a ${PROGRAM}`,
    `complete -c npx -f -n '__fish_seen_subcommand_from ${PROGRAM}' -a "(complete -C (string replace -r '^\\s*npx\\s+' '' -- (commandline -cp)))"`,
  ];
  return `# completion of ${PROGRAM}, also behind npx\n${[...lines, ...behindNpx].join("\n")}\n`;
}

function takesEnvironment({ environment }: Command): boolean {
  return environment !== "none";
}

function optionNames(command: Command): string[] {
  return [...Object.keys(optionsOf(command)), "help"].map((option) => `--${option}`);
}
