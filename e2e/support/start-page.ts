import { spawnSync } from "node:child_process";
import { parse } from "yaml";
import { document, shellBlocks } from "../../__tests__/support/documents";

const PREPARES: readonly [RegExp, string] = [/^ssh root@/, "it prepares a fresh server"];
/** What cannot be done without the internet → why. */
const ELSEWHERE: readonly (readonly [line: RegExp, reason: string])[] = [
  [/^npm run lock$/, "it asks registries on the internet"],
  [/CLOUDFLARE_API_TOKEN|cloudflare_dns_token/, "it stores a token for a zone at Cloudflare"],
];

/** The page docs/start.md, followed step by step. */
export class StartPage {
  private readonly page = document("docs/start.md");

  /** Every command in order, with why it is not run here, where there is no fresh server or one. */
  public commands({ fresh }: { readonly fresh: boolean }): { readonly line: string; readonly elsewhere: string | undefined }[] {
    const lines = shellBlocks(this.page).flatMap((block) =>
      block
        .trim()
        .replace(/ \\\n\s*/g, " ")
        .split("\n"),
    );
    const elsewhere = fresh ? ELSEWHERE : [PREPARES, ...ELSEWHERE];
    return lines.map((line) => ({ line, elsewhere: elsewhere.find(([pattern]) => pattern.test(line))?.[1] }));
  }

  /** Public keys of the server, by what its commands have `said`, each without its comment; Ed25519 is the first. */
  public hostKeys(answers: ReadonlyMap<string, string>): string[] {
    const [, printed = ""] = [...answers].find(([line]) => line.includes("ssh_host_ed25519_key.pub")) ?? [];
    return printed
      .trim()
      .split("\n")
      .map((key) => key.split(" ").slice(0, 2).join(" "));
  }

  /** The environment that it tells to write. */
  public environment(): Record<string, unknown> {
    const [, text = ""] = /^```yaml\n(.*?)^```/ms.exec(this.page.text) ?? [];
    return parse(text);
  }
}

/** Runs a line in a shell. */
export function typedIn(line: string, cwd: string, variables: NodeJS.ProcessEnv) {
  return spawnSync("bash", ["-c", line], { cwd, encoding: "utf8", env: { ...process.env, ...variables }, maxBuffer: 64 * 2 ** 20 });
}
