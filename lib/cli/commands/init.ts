import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ENVIRONMENTS, parseEnvironment } from "../../environment/load";
import { Answers } from "../../operations/init/answers";
import { type NewEnvironment, renderEnvironmentFile } from "../../operations/init/environment-file";
import { type HostKey, type SshTarget, scanHostKeys, sshTarget } from "../../operations/init/host-keys";
import { ROOT } from "../../operations/workspace";
import { OperatorError } from "../../system/operator-error";
import type { Arguments, Command } from "../command";

const THIS_MACHINE = "this machine";
const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;

export const command: Command = {
  group: "look",
  summary: "write an environment file: asks at a terminal, or takes options",
  details: "Reads the SSH host keys of a server with ssh-keyscan and shows their fingerprints; compare these with the server's console.",
  options: {
    domain: { description: "domain below which bookstack. and auth. are served", value: "domain" },
    server: { description: "server with Docker, by SSH; this machine unless given", value: "user@address" },
    harden: { description: "harden the server, too (docs/host.md)" },
    users: { description: "users, separated by commas; the first is an administrator", value: "name=email,…" },
    admin: { description: "e-mail address of the wiki's break-glass administrator", value: "email" },
    letsencrypt: { description: "order certificates from Let's Encrypt, with this address", value: "email" },
    "mail-host": { description: "mail server of the portal and the wiki", value: "host" },
    "mail-user": { description: "account at the mail server", value: "user" },
    "mail-from": { description: "sender of mail", value: "email" },
  },
  run,
};

async function run({ environment, directory = join(ROOT, ENVIRONMENTS), values, flags }: Arguments): Promise<number> {
  const file = join(directory, `${environment}.yaml`);
  const shown = relative(process.cwd(), file);
  if (existsSync(file)) throw new OperatorError(`${shown} already exists; nothing was changed`, "choose another name, or edit the file");
  const answers = new Answers(values, process.stdin.isTTY);
  try {
    const text = renderEnvironmentFile(await ask(answers, flags.has("harden")));
    // the same checks as of every other file, before it is written
    parseEnvironment(environment, text, shown);
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, text, { flag: "wx" });
    process.stdout.write(`\n${shown}:\n\n${text.replace(/^/gm, "  ").trimEnd()}\n\n${next(environment, text)}`);
  } finally {
    answers.close();
  }
  return 0;
}

async function ask(answers: Answers, harden: boolean): Promise<NewEnvironment> {
  const where = await answers.to({
    option: "server",
    text: "Server with Docker, as user@address",
    example: "deploy@203.0.113.10",
    usually: THIS_MACHINE,
    problem: (answer) => (answer === THIS_MACHINE || sshTarget(answer) ? undefined : `must be user@address or user@address:port, got "${answer}"`),
  });
  const target = sshTarget(where);
  const local = target === undefined;
  const domain = await answers.to({
    option: "domain",
    text: "Domain",
    example: "wiki.example.com",
    usually: local ? "wiki.localhost" : undefined,
    problem: domainProblem,
  });
  const users = await answers.to({
    option: "users",
    text: "Users, as name=email, separated by commas; the first is an administrator",
    example: `alice=alice@${domain || "example.com"}`,
    problem: usersProblem,
  });
  const administrator = await answers.to({
    option: "admin",
    text: "E-mail address of the wiki's break-glass administrator, not that of a user",
    example: "wiki-admin@example.com",
    usually: `admin@${domain}`,
    problem: emailProblem,
  });
  const letsEncrypt = local
    ? ""
    : await answers.to({
        option: "letsencrypt",
        text: "E-mail address for Let's Encrypt (certificates by a DNS zone at Cloudflare)",
        example: "ops@example.com",
        usually: "",
        problem: emailProblem,
      });
  const mailHost = await answers.to({ option: "mail-host", text: "Mail server", example: "smtp.example.com", usually: "" });
  const mailUser = mailHost === "" ? "" : await answers.to({ option: "mail-user", text: "Account at the mail server", example: "wiki", usually: "" });
  const mailFrom =
    mailHost === ""
      ? ""
      : await answers.to({ option: "mail-from", text: "Sender of mail", example: `wiki@${domain}`, usually: `wiki@${domain}`, problem: emailProblem });
  answers.complete();
  const server = target && {
    ...target,
    keys: await compared(answers, target),
    hardened: harden || (await answers.agrees("Harden this server, too (firewall, SSH, audit, updates; docs/host.md)?", false)),
  };
  return {
    domain,
    administrator,
    users: users.split(",").map((user) => ({ name: user.split("=")[0]?.trim() ?? "", email: user.split("=")[1]?.trim() ?? "" })),
    server,
    letsEncrypt: letsEncrypt || undefined,
    mail: mailHost === "" ? undefined : { host: mailHost, ...(mailUser === "" ? {} : { user: mailUser }), from: mailFrom },
  };
}

/** Keys of the server, which a person has compared. */
async function compared(answers: Answers, target: SshTarget): Promise<HostKey[]> {
  const keys = scanHostKeys(target);
  process.stdout.write(`\nHost keys of ${target.address}:\n`);
  for (const { key, fingerprint } of keys) process.stdout.write(`  ${key.split(" ")[0]}  ${fingerprint}\n`);
  process.stdout.write("Compare them with the server's console: for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $key; done\n");
  if (!(await answers.agrees("Are they the same?", true)))
    throw new OperatorError("the keys are not those of the server; nothing was written", "another machine answers at this address");
  return keys;
}

function domainProblem(answer: string): string | undefined {
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(answer) ? undefined : `must be a domain in lower case with a dot in it, got "${answer}"`;
}

function usersProblem(answer: string): string | undefined {
  const wrong = answer.split(",").find((user) => !/^\s*[a-z][a-z0-9_.-]*=\S+@\S+\s*$/.test(user));
  return wrong === undefined ? undefined : `must be name=email, separated by commas, got "${wrong.trim()}"`;
}

function emailProblem(answer: string): string | undefined {
  return EMAIL.test(answer) ? undefined : `must be an e-mail address, got "${answer}"`;
}

function next(name: string, text: string): string {
  const secrets = [
    ...(text.includes("letsencrypt") ? [`npm run secret -- ${name} cloudflare_dns_token`] : []),
    ...(/^mail:.*\buser:/m.test(text) ? [`npm run secret -- ${name} smtp_password`] : []),
  ];
  return ["Next", `npm start -- ${name}`, ...secrets, `npm run deploy -- ${name}`, `npm run verify -- ${name}`]
    .map((line, index) => (index === 0 ? line : `  ${line}`))
    .join("\n")
    .concat("\n");
}
