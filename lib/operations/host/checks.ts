import { HostShell } from "../../clients/host/shell";
import type { Environment } from "../../environment/schema";
import type { WikiStack } from "../../stack/wiki-stack";
import { linesOf } from "../../system/lines";
import { OperatorError } from "../../system/operator-error";

/** What one part of the host was found to be. */
export interface HostCheck {
  /** Name of the part: `firewall`. */
  readonly name: string;
  /** Whether it has no drift. */
  readonly ok: boolean;
  /** What differs, one sentence each; or why it is unknown. */
  readonly differences: readonly string[];
  /** Whether the check itself failed, so that nothing is known of the part. */
  readonly unknown?: true;
}

/** Exit code of a script whose part differs. */
const DIFFERS = 3;
/** Uploads and runs scripts one after the other; their output is between unique marker lines. */
const RUNNER = `set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/all"
cd "$work"
awk -v mark="$1" 'index($0, mark) == 1 { if (file) close(file); file = substr($0, length(mark) + 2); print file >"names"; next } { print >file }' all
while read -r name; do
  echo "$1 begin $name"
  status=0
  sh "./$name" check 2>&1 </dev/null || status=$?
  echo "$1 end $status"
done <names
`;
const MARK = "==secure-bookstack==";

/**
 * Checks every part of the host for drift, with the scripts of this machine: files on the host are not trusted.
 *
 * @throws OperatorError when the host cannot be reached. Gives nothing for an environment that leaves its host alone.
 */
export function hostChecks({ stack, environment }: { readonly stack: WikiStack; readonly environment: Environment }): HostCheck[] {
  const { host } = stack;
  if (host === undefined) return [];
  const scripts = host.names().map((name) => `${MARK} ${name}\n${host.script(name)}`);
  const { stdout, stderr, status } = new HostShell(environment.host?.ssh).run(RUNNER, [MARK], scripts.join(""));
  const checks = read(stdout);
  if (checks.length < host.names().length) {
    throw new OperatorError(`the host could not be checked: ${stderr.trim() || `the checks ended with ${status}`}`, `npm run host -- ${environment.name}`);
  }
  return checks;
}

function read(output: string): HostCheck[] {
  return output
    .split(`${MARK} begin `)
    .slice(1)
    .flatMap((block) => {
      const [, name = "", output = "", status] = new RegExp(`^(\\S+)\\n(.*)${MARK} end (\\d+)\\n$`, "s").exec(block) ?? [];
      return status === undefined ? [] : [check(name, output, Number(status))];
    });
}

function check(name: string, output: string, status: number): HostCheck {
  if (status === 0) return { name, ok: true, differences: [] };
  const lines = linesOf(output);
  const found = lines.flatMap((line) => (line.startsWith("differs: ") ? [line.slice("differs: ".length)] : []));
  if (status === DIFFERS && found.length > 0) return { name, ok: false, differences: found };
  return { name, ok: false, unknown: true, differences: [`could not be checked: ${lines.at(-1) ?? `exit code ${status}`}`] };
}
