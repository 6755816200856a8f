import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { PROGRAM } from "../lib/cli/program";
import type { Summary } from "../lib/operations/summary";
import { bin } from "../package.json";
import { type Call, Checkout, type Ended } from "./support/checkout";
import { ROOT } from "./support/needs";

// a process takes about a second, and many times that on a machine with other things to do
jest.setTimeout(180_000);

const STACK_TRACE = /\n\s+at /;
/** An environment with separate ports and directory. */
const NAME = "played";
const ELSEWHERE = "elsewhere";
/** An environment with a hardened host. */
const HARD = "hard";

/** Invalid arguments → message. */
const MISTAKES: readonly (readonly [commandLine: string, pattern: RegExp])[] = [
  ["start --jsn", /^unknown option '--jsn'; did you mean --json\?\n {2}→ npm start -- \[<environment>\] \[--all\] \[--json\]\n$/],
  ["start locla", /^environments\/locla\.yaml is not usable:\n {2}- no such file; did you mean local\?\n$/],
  ["start local production", /^one environment at a time; "production" is too much\n {2}→ npm start/],
  ["destroy local --with-data production", /^--with-data names "production", not "local"; nothing was destroyed\n/],
  ["restore local yesterday", /^"yesterday" is not a backup set; their names look like 20260131T020000Z\n {2}→ npm run backups -- local/],
  ["restore local --form offsite", /^unknown option '--form'; did you mean --from\?\n {2}→ npm run restore -- <environment>/],
  ["destroy local --host", /^local leaves its host alone; nothing was destroyed\n {2}→ npm run destroy -- local\n$/],
  ["host local", /^local leaves its host alone\n {2}→ a block "host" in the environment's file hardens it: docs\/host\.md\n$/],
  ["rotate-secret local wiki_admin_password", /^wiki_admin_password is not rotated by this command\n {2}→ it is used for the first login only; /],
  ["rotate-secret local nothing", /^local has no secret "nothing"\n {2}→ one of app_key, /],
  ["rotate local", /^name one secret, or use --all\n {2}→ npm run rotate -- <environment> \[<secret>\] \[--all\] \[--finish\]\n$/],
  ["rotate local app_key --all", /^name one secret, or use --all\n/],
  ["rotate local app_key --finish", /^app_key is rotated in one run\n {2}→ npm run rotate -- local app_key\n$/],
  ["rotate local nothing", /^local has no secret "nothing"\n {2}→ one of app_key, /],
  ["rotate local wiki_admin_password", /^wiki_admin_password is not rotated by this command\n {2}→ it is used for the first login only; /],
  ["upgrade local --resume", /^no upgrade of local is unfinished\n {2}→ npm run upgrade -- local\n$/],
  ["upgrade local --back", /^no upgrade of local is unfinished\n {2}→ npm run upgrade -- local\n$/],
  ["upgrade local --back --resume", /^--resume and --back exclude each other\n {2}→ npm run upgrade -- <environment> /],
  ["move local", /^--to is missing: the new Docker host\n {2}→ npm run move -- <environment> /],
  ["move local --recover", /^no move of local is unfinished\n {2}→ npm run move -- <environment> /],
  ["move local --remove-old", /^no move of local to unix:\/\/\/var\/run\/docker\.sock is recorded here; nothing was deleted\n/],
  [
    "move local --to tcp://203.0.113.20:2375",
    /^environments\/local\.yaml with --to tcp:\/\/203\.0\.113\.20:2375 is not usable:\n(.|\n)*is the port without TLS/,
  ],
  ["nothing", /^there is no command "nothing"\n {2}→ npm run help\n$/],
  ["deplyo local", /^there is no command "deplyo"; did you mean deploy\?\n {2}→ npm run help\n$/],
  // names of files that are no commands
  ["main", /^there is no command "main"/],
  ["../cli/main", /^there is no command "\.\.\/cli\/main"/],
  ["--yes restore local yesterday", /^"yesterday" is not a backup set/],
  ["restore --from offsite local yesterday", /^"yesterday" is not a backup set/],
  ["secret --environments environments local nothing", /^local has no use for a secret "nothing"\n/],
  [
    "secret local smtp_password hunter2",
    /^too many arguments; a secret is read from standard input, and one that was typed here is in the shell history now: revoke it\n {2}→ npm run secret -- <environment> <secret>\n$/,
  ],
  ["secret local smtp_password", /^local does not use smtp_password; it is needed with mail\.user\n {2}→ set mail\.user in the environment file first\n$/],
  ["secret local", /^which secret\?\n {2}→ npm run secret -- <environment> <secret>\n$/],
];

/** Command → installed programs → message about missing ones. */
const LACKING: readonly (readonly [commandLine: string, programs: Readonly<Record<string, string>>, pattern: RegExp])[] = [
  [
    "deploy local",
    {},
    /^neither terraform nor tofu is installed\n {2}→ Terraform 1\.5 or later: https:\S+\n {4}or OpenTofu: https:\S+\nthe docker command is missing\n {2}→ install Docker Engine: https:\S+\n$/,
  ],
  ["plan local", { tofu: "exit 0" }, /^the docker command is missing\n {2}→ install Docker Engine: https:\S+\n$/],
  [
    "destroy local",
    { terraform: "exit 0", docker: "echo Cannot connect >&2; exit 1" },
    /^no Docker engine answers at unix:\/\/\/var\/run\/docker\.sock: Cannot connect\n {2}→ start it/,
  ],
  ["backup local", { docker: '[ "$3" = version ]' }, /^local has no backup yet\n {2}→ npm run deploy -- local\n$/],
  ["upgrade local", { terraform: "exit 0", docker: '[ "$3" = version ]' }, /^local has no backup yet\n {2}→ npm run deploy -- local\n$/],
  ["backups local", { docker: "echo Cannot connect >&2; exit 1" }, /^no Docker engine answers at unix:/],
  [
    "restore local latest --yes",
    { docker: `[ "$3" = version ] || echo '[{ "State": { "Running": false } }]'` },
    /^local-backup is stopped\n {2}→ docker start local-backup, or npm run deploy -- local\n$/,
  ],
  [
    "verify local",
    { docker: "exit 0" },
    /^local is not deployed on unix:\/\/\/var\/run\/docker\.sock: it has no containers there\n {2}→ npm run deploy -- local\n$/,
  ],
  ["verify local --attack --json", { docker: "exit 0" }, /^local is not deployed on \S+: it has no containers there\n {2}→ npm run deploy -- local\n$/],
  ["credentials local", { docker: "exit 0" }, /^local has no secrets yet\n {2}→ npm run deploy -- local\n$/],
];

/** Commands that change an environment, after a move that was killed. */
const HALTED = ["adopt", "deploy", "destroy", "import", "restore", "rotate --all", "rotate-secret app_key", "upgrade"].map(
  (line) => `${line.replace(/^\S+/, (command) => `${command} halted`)} --environments ${ELSEWHERE}`,
);

/** What a command that was not run has said. */
const NEVER: Ended = { status: null, stdout: "", stderr: "" };

const checkout = Checkout.whole();
const BUSY = `deploy busy --environments ${ELSEWHERE}`;
let ended: Map<string, Ended>;
/** How commands ended with programs that only play, and how these were called. */
let played: Map<string, ReturnType<typeof scene>>;
let server: Server;
let play: string;

beforeAll(async () => {
  server = await listening();
  for (const [name, http] of [["busy", portOf(server)] as const, [NAME, await freePort()] as const]) {
    const ports = `{ address: 127.0.0.1, http: ${http}, https: ${await freePort()} }`;
    const users = "[{ name: alice, displayName: Alice, email: alice@wiki.localhost, groups: [admin] }]";
    checkout.file(`${ELSEWHERE}/${name}.yaml`, `domain: wiki.localhost\nports: ${ports}\nusers: ${users}\nwiki: { admin: { email: first@wiki.localhost } }\n`);
  }
  // the fake Terraform prints files of $PLAY and records its calls; the fake Docker has the volumes of a variable
  play = checkout.path("play", {
    terraform: `echo "$*" >> "$PLAY/calls"
case "$1 $2" in
  "state pull") /bin/cat "$PLAY/state" ;;
  plan*) [ ! -f "$PLAY/planned" ] || { /bin/cat "$PLAY/planned"; exit 2; } ;;
  apply*|destroy*) /bin/cat "$PLAY/events"; exit "\${EXIT_CODE:-0}" ;;
esac`,
    docker: `case "$3 $4" in "volume ls") echo "$VOLUMES" ;; "container inspect") exit 1 ;; esac`,
    ssh: '/bin/cat "$PLAY/checks"',
  });
  const hardened = [
    "domain: wiki.localhost",
    'docker: { host: "ssh://deploy@203.0.113.10" }',
    "host: { ssh: { address: 203.0.113.10, hostKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw] } }",
    "users: [{ name: alice, displayName: Alice, email: alice@wiki.localhost }]",
    "wiki: { admin: { email: first@wiki.localhost } }",
  ];
  checkout.file(`${ELSEWHERE}/${HARD}.yaml`, `${hardened.join("\n")}\n`);
  checkout.file(`${ELSEWHERE}/halted.yaml`, readFileSync(join(ROOT, "environments", "local.yaml"), "utf8"));
  const places = { from: { host: "ssh://old.example.com" }, to: { host: "ssh://new.example.com" } };
  // Linux gives no process an id above 4194304
  checkout.file("terraform.halted.tfstate.move", JSON.stringify({ environment: "halted", process: 4_194_305, step: "switching", ...places }));
  const calls: Call[] = [
    ...HALTED.map((commandLine) => [commandLine] as const),
    ["start"],
    ["start local --json"],
    ["start local --all"],
    [`start ${HARD} --environments ${ELSEWHERE}`],
    ...MISTAKES.map(([commandLine]) => [commandLine] as const),
    ...LACKING.map(([commandLine, programs]) => [commandLine, { PATH: checkout.path(commandLine.replaceAll(" ", "-"), programs) }] as const),
    [BUSY, { PATH: play }],
  ];
  const outcomes = await checkout.commands(calls);
  ended = new Map(calls.map(([commandLine], index) => [commandLine, outcomes[index] ?? NEVER]));

  const scenes = [...dockerScenes(), ...hostScenes()];
  const after = await checkout.commands(scenes.map(staged));
  played = new Map(
    scenes.map(({ name }, index) => {
      const outcome = after[index] ?? NEVER;
      const file = join(checkout.directory, "plays", name, "calls");
      return [name, { ...outcome, calls: existsSync(file) ? readFileSync(file, "utf8").split("\n") : [] }];
    }),
  );
});

afterAll(() => {
  server.close();
  checkout.remove();
});

test.each(HALTED)("%s is refused after a move that was interrupted, and names the command that undoes it", (commandLine) => {
  expect(ended.get(commandLine)).toEqual({
    status: 1,
    stdout: "",
    stderr:
      "a move of halted from ssh://old.example.com to ssh://new.example.com was interrupted while it was switching\n" +
      "  → npm run move -- halted --recover   # the old Docker host serves again\n",
  });
});

describe("npm start", () => {
  let text: Ended | undefined;
  let summary: Summary;

  beforeAll(() => {
    text = ended.get("start");
    summary = JSON.parse(ended.get("start local --json")?.stdout ?? "");
  });

  test("fits on one screen: 40 lines of 100 columns", () => {
    const lines = text?.stdout.trimEnd().split("\n") ?? [];
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  });

  test("shows addresses, services, what is published, the sum of memory and the next command", () => {
    const services = summary.containers.filter(({ kind }) => kind === "service").map(({ name }) => name);
    const shown = [...services, ...Object.values(summary.urls), ...summary.published, `${summary.memoryMiB}M in all`];
    expect(text).toMatchObject({ status: 0, stderr: "" });
    expect(shown.filter((entry) => !text?.stdout.includes(` ${entry}`))).toEqual([]);
    expect(text?.stdout).toMatch(/^local is ready to deploy to unix:\/\/\/var\/run\/docker\.sock\. Nothing has been changed\.\n/);
    expect(text?.stdout).toMatch(/\n {2}host +not changed\n/);
    expect(text?.stdout).toMatch(/\nNext\n {2}npm run deploy -- local .*\n {2}npm start -- local --all /);
  });

  test("shows everything with --all", () => {
    const all = ended.get("start local --all");
    const named = [summary.containers, summary.networks, summary.volumes, summary.secrets.names].flat().map(({ name }) => name);
    const shown = [...named, ...summary.containers.map(({ image }) => image.split("@")[0] ?? ""), ...summary.networks.map(({ subnet }) => subnet)];
    expect(all).toMatchObject({ status: 0, stderr: "" });
    expect(shown.filter((entry) => !all?.stdout.includes(` ${entry}`))).toEqual([]);
  });

  test("says which containers are on the network of the host, and which on none", () => {
    const modes = summary.containers.filter(({ networkMode }) => networkMode !== "bridge").map(({ name, networkMode }) => `${name} ${networkMode}`);
    expect(modes.sort()).toEqual([
      "local-authelia-users none",
      "local-certificates none",
      "local-container-metrics none",
      "local-grafana host",
      "local-node-exporter host",
      "local-secrets none",
      "local-volume-owners none",
    ]);
    expect(text?.stdout).toMatch(/local-grafana +host /);
    expect(text?.stdout).toMatch(/local-container-metrics +none /);
  });

  test("gives programs the same as JSON", () => {
    const list = expect.any(Array);
    expect(summary).toEqual({
      environment: "local",
      dockerHost: "unix:///var/run/docker.sock",
      urls: {
        bookstack: "https://bookstack.wiki.localhost",
        portal: "https://auth.wiki.localhost",
        dashboard: "https://traefik.wiki.localhost",
        grafana: "https://grafana.wiki.localhost",
      },
      published: ["127.0.0.1:80", "127.0.0.1:443", "127.0.0.1:443/udp"],
      outbound: [],
      records: [],
      containers: list,
      memoryMiB: expect.any(Number),
      networks: list,
      volumes: list,
      secrets: { place: expect.any(String), names: list },
      exemptions: list,
      warnings: list,
    });
    expect(summary.containers.map(({ name, kind }) => `${kind} ${name}`).sort()).toEqual([
      "job local-authelia-users",
      "job local-bookstack-setup",
      "job local-bookstack-users",
      "job local-secrets",
      "job local-volume-owners",
      "service local-alertmanager",
      "service local-authelia",
      "service local-backup",
      "service local-bookstack",
      "service local-bookstack-db",
      "service local-certificates",
      "service local-container-metrics",
      "service local-crowdsec",
      "service local-grafana",
      "service local-mysqld-exporter",
      "service local-node-exporter",
      "service local-prometheus",
      "service local-traefik",
    ]);
    expect(summary.containers.filter(({ published }) => published.length > 0).map(({ name, published }) => [name, published])).toEqual([
      ["local-traefik", ["127.0.0.1:80", "127.0.0.1:443", "127.0.0.1:443/udp"]],
    ]);
    expect(summary.networks.filter(({ routable }) => routable).map(({ name }) => name)).toEqual(["local-proxy"]);
  });

  test("writes the stack, and no secret into it", () => {
    const written = JSON.parse(checkout.read("cdktf.out/stacks/local/cdk.tf.json"));
    expect(Object.keys(written.resource).sort()).toEqual(["docker_container", "docker_image", "docker_network", "docker_volume"]);
    expect(JSON.stringify(written)).not.toMatch(/PRIVATE KEY|random_password/);
  });

  test("says everything that is wrong with a file, and writes nothing", async () => {
    const lines = [
      "domain: Wiki.Example.com",
      "ports: { http: 443, https: 443 }",
      "wiki: { admin: {}, memry: 1G }",
      "images: { traefik: 'traefik:latest' }",
      "users: []",
      "",
    ];
    checkout.file(`${ELSEWHERE}/broken.yaml`, lines.join("\n"));
    const before = checkout.contents("cdktf.out");
    const [{ status, stdout, stderr } = NEVER] = await checkout.commands([[`start broken --environments ${ELSEWHERE}`]]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^elsewhere\/broken\.yaml is not usable:\n/);
    expect([...stderr.matchAll(/^ {2}- (line \d)/gm)].map(([, line]) => line)).toEqual(["line 1", "line 2", "line 3", "line 3", "line 4", "line 5"]);
    for (const part of ["Wiki.Example.com", "https", "email is missing", "did you mean wiki.memory?", "traefik:latest", "no user could sign in"])
      expect(stderr).toContain(part);
    expect(stderr).not.toMatch(STACK_TRACE);
    expect(checkout.contents("cdktf.out")).toEqual(before);
  });
});

describe("help", () => {
  test("npm run help shows the file of that name", () => {
    const { status, stdout } = spawnSync("npm", ["run", "--silent", "help"], { cwd: ROOT, encoding: "utf8" });
    expect([status, stdout]).toEqual([0, checkout.read("help")]);
  });

  test("npx finds the program by its name", () => {
    expect(bin).toEqual({ [PROGRAM]: "lib/cli/bin.js" });
    expect(statSync(join(ROOT, bin[PROGRAM])).mode & 0o111).not.toBe(0);
  });
});

describe("output to a closed pipe or a full disk", () => {
  const shell = (line: string) => spawnSync("bash", ["-c", line], { cwd: checkout.directory, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });

  test("a closed pipe ends the command silently", () => {
    const { stdout, stderr } = shell(`"${process.execPath}" lib/cli/bin.js start --json | head -c 1; echo " \${PIPESTATUS[0]}"`);
    expect([stdout, stderr]).toEqual([expect.stringMatching(/^\{ (141|0)\n$/), ""]);
  });

  test("a full disk is reported in one line", () => {
    expect(shell(`"${process.execPath}" lib/cli/bin.js help > /dev/full`)).toMatchObject({
      status: 1,
      stderr: "the output could not be written: no space left on the device\n",
    });
  });
});

describe("a checkout that may not be written", () => {
  /** Another account than that of the tests, or this one, where it is not root. */
  const uid = process.getuid?.() === 0 ? 65534 : undefined;
  /** Whether that account can read the packages. */
  const able = spawnSync(process.execPath, ["-e", `require("node:fs").readdirSync(${JSON.stringify(join(ROOT, "node_modules"))})`], { uid }).status === 0;
  const refused = (directory: string, commandLine: string) => withMode(directory, async () => (await checkout.commands([[commandLine]], uid))[0]);
  const withMode = async <T>(directory: string, action: () => Promise<T>): Promise<T> => {
    const before = [checkout.directory, directory].map((path) => [path, statSync(path).mode] as const);
    for (const [path] of before) chmodSync(path, 0o555);
    try {
      return await action();
    } finally {
      for (const [path, mode] of before) chmodSync(path, mode);
    }
  };

  test("is reported in a sentence, also before anything was written there", async () => {
    if (!able) return;
    const output = join(checkout.directory, "cdktf.out");
    renameSync(output, `${output}.away`);
    const expected = {
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/^\S+cdktf\.out cannot be written \(EACCES\)\n {2}→ run the command in a copy of the repository/),
    };
    try {
      // as it is called, by which it has no place for compiled files either
      expect(await withMode(checkout.directory, () => checkout.node(["lib/cli/bin.js", "start"], {}, uid))).toEqual(expected);
    } finally {
      renameSync(`${output}.away`, output);
    }
    expect(await refused(output, "start")).toEqual(expected);
  });

  test("names the file, whichever it is", async () => {
    if (!able) return;
    expect(await refused(join(checkout.directory, "environments"), "schema")).toEqual({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/^\S+schema\.json: permission denied \(EACCES\)\n {2}→ run the command as the owner/),
    });
  });
});

describe("a command that cannot do its work says what to do, without a stack trace", () => {
  test.each(MISTAKES)("%s", (commandLine, pattern) => {
    expect(ended.get(commandLine)).toEqual({ status: 1, stdout: "", stderr: expect.stringMatching(pattern) });
  });

  test.each(LACKING)("%s, where there is only %j", (commandLine, _, pattern) => {
    expect(ended.get(commandLine)).toEqual({ status: 1, stdout: "", stderr: expect.stringMatching(pattern) });
  });

  test("deploy, where a port is taken", () => {
    const pattern = `^port ${portOf(server)} of 127\\.0\\.0\\.1 is taken by another program\\n {2}→ .*environments/busy\\.yaml`;
    expect(ended.get(BUSY)).toEqual({
      status: 1,
      stdout: expect.stringMatching(/^Deploying busy to unix:.*\n$/),
      stderr: expect.stringMatching(new RegExp(pattern)),
    });
  });
});

/** A command with fake Terraform, Docker and SSH programs; Terraform's output is in files. */
interface Scene {
  readonly name: string;
  readonly commandLine: string;
  /** Resources of Terraform's state. */
  readonly state: readonly object[];
  /** Changes of Terraform's plan. @default - it changes nothing */
  readonly planned?: readonly object[];
  /** What Terraform says while it works. */
  readonly events?: readonly object[];
  /** What the host says when its parts are checked. */
  readonly checks?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Writes what the programs say in a scene, and gives the command. */
function staged({ name, commandLine: line, state, planned, events = [], checks = "", environment = {} }: Scene): Call {
  const scene = `plays/${name}`;
  checkout.file(`${scene}/state`, JSON.stringify({ resources: state }));
  const lines = (events: readonly object[]) => events.map((event) => `${JSON.stringify({ "@message": "", ...event })}\n`).join("");
  checkout.file(`${scene}/events`, lines(events));
  if (planned) checkout.file(`${scene}/planned`, lines(planned));
  checkout.file(`${scene}/checks`, checks);
  return [`${line} --environments ${ELSEWHERE}`, { PATH: play, PLAY: join(checkout.directory, scene), ...environment }];
}

function scene(name: string): Ended & { readonly calls: readonly string[] } {
  const found = played.get(name);
  if (!found) throw new Error(`no scene ${name}`);
  return found;
}

/** Address of a container: the same in every environment. */
function containerAddress(name: string): string {
  const containers: Record<string, { name: string }> = JSON.parse(checkout.read("cdktf.out/stacks/local/cdk.tf.json")).resource.docker_container;
  return `docker_container.${Object.keys(containers).find((id) => containers[id]?.name === `local-${name}`)}`;
}

function dockerScenes(): Scene[] {
  const resource = (type: string, name: string, kind: string, more: object = {}) => {
    const attributes = { labels: [{ label: "secure-bookstack.kind", value: kind }], ...more };
    return { mode: "managed", type, name, instances: [{ attributes }] };
  };
  const hook = { resource: { addr: containerAddress("bookstack-db") }, action: "create", elapsed_seconds: 11 };
  const diagnostic = { severity: "error", summary: "Unable to start container", detail: "the name is already in use" };
  const [, job = ""] = containerAddress("secrets").split(".");
  return [
    {
      name: "deployed",
      commandLine: `deploy ${NAME}`,
      state: [resource("docker_container", job, "job", { exit_code: 1 })],
      planned: [{ type: "planned_change", change: { resource: { addr: `docker_container.${job}` }, action: "replace" } }],
      events: [
        { type: "apply_start", hook },
        { type: "apply_complete", hook },
      ],
    },
    { name: "unchanged", commandLine: `deploy ${NAME}`, state: [resource("docker_container", job, "job", { exit_code: 0 })] },
    { name: "failed", commandLine: `deploy ${NAME}`, state: [], events: [{ type: "diagnostic", diagnostic }], environment: { EXIT_CODE: "1" } },
    {
      name: "destroyed",
      commandLine: `destroy ${NAME}`,
      state: [resource("docker_container", "Wiki", "service"), resource("docker_volume", "Files", "config"), resource("docker_volume", "Database", "data")],
      environment: { VOLUMES: "played-database" },
    },
  ];
}

describe("deploy and destroy, with programs that only play Terraform and Docker", () => {
  test("a deploy tells how far it is, and how to get in", () => {
    const deployed = scene("deployed");
    expect([deployed.status, deployed.stderr]).toEqual([0, ""]);
    expect(deployed.stdout).toContain("  played-bookstack-db starts …\n  played-bookstack-db is up after 11 s\n");
    expect(deployed.stdout).toMatch(
      /\nEvery container is healthy\.\n {2}https:\/\/bookstack\.wiki\.localhost:(\d+)\n {2}https:\/\/auth\.wiki\.localhost:\1\n {2}https:\/\/traefik\.wiki\.localhost:\1\n {2}https:\/\/grafana\.wiki\.localhost:\1\n\n/,
    );
    expect(deployed.stdout).toContain("\nSign in as alice; initial passwords, and codes without a mail server: npm run credentials -- played\n");
    expect(deployed.stdout).not.toContain("first@wiki.localhost");
    expect(deployed.stdout).toContain("npm run --silent ca -- played > wiki-ca.crt\n");
  });

  test("a deploy runs a job again that failed", () => {
    const applied = scene("deployed").calls.filter((call) => call.startsWith("apply"));
    expect(applied.at(-1)).toMatch(new RegExp(`^apply .* -replace=${containerAddress("secrets")}$`));
  });

  test("a deploy makes one plan, and leaves out what has nothing to do", () => {
    const verbs = (name: string) =>
      scene(name)
        .calls.map((call) => call.split(" ")[0])
        .filter((verb) => verb === "plan" || verb === "apply");
    expect(scene("unchanged").stdout).toContain("\nEvery container is healthy.\n");
    expect(verbs("unchanged")).toEqual(["plan"]);
    // of the files nothing changes, so they are not delivered first
    expect(verbs("deployed")).toEqual(["plan", "apply"]);
    expect(verbs("failed")).toEqual(["apply"]);
  });

  test("a deploy that fails says why, and how to go on", () => {
    const failed = scene("failed");
    expect([failed.status, failed.stderr]).toEqual([1, ""]);
    expect(failed.stdout).toMatch(
      /\nNot everything worked:\n {2}- Unable to start container: the name is already in use\n\nCompleted steps stay\. .*: npm run deploy -- played\n$/,
    );
  });

  test("a destroy leaves volumes with data alone, and says what is left", () => {
    const destroyed = scene("destroyed");
    expect([destroyed.status, destroyed.stderr]).toEqual([0, ""]);
    const targets = destroyed.calls.filter((call) => call.startsWith("destroy")).map((call) => call.match(/-target=\S+/g));
    expect(targets).toEqual([["-target=docker_container.Wiki", "-target=docker_volume.Files"]]);
    expect(destroyed.stdout).toMatch(/played is down\. Data and secrets are kept:\n {2}volume played-database\n/);
    // a clean-up of Docker after a destroy deletes the data: the command says what not to run
    expect(destroyed.stdout).toMatch(/\nUntil then never run docker volume prune, nor docker system prune --volumes: they can delete all of these\n$/);
    expect(destroyed.stdout).toContain("npm run destroy -- played --with-data played\n");
  });
});

/** Terraform's addresses of the parts of the hardened host. */
function hostParts(): { readonly name: string; readonly address: string }[] {
  return Object.keys(JSON.parse(checkout.read(`cdktf.out/stacks/${HARD}/cdk.tf.json`)).resource.null_resource).map((id) => ({
    name: /^Host_(.*)_[0-9A-F]{8}$/.exec(id)?.[1] ?? id,
    address: `null_resource.${id}`,
  }));
}

function hostScenes(): Scene[] {
  const resource = (address: string) => ({ mode: "managed", type: "null_resource", name: address.split(".")[1], instances: [{ attributes: {} }] });
  /** What the host says of its parts, of which some differ. */
  const checks = (differences: Readonly<Record<string, string>> = {}) => {
    const mark = "==secure-bookstack==";
    const reports = hostParts().map(({ name }) =>
      differences[name] === undefined ? `${mark} begin ${name}\n${mark} end 0\n` : `${mark} begin ${name}\ndiffers: ${differences[name]}\n${mark} end 3\n`,
    );
    return reports.join("");
  };
  return [
    { name: "hard-unasked", commandLine: `deploy ${HARD}`, state: [], checks: checks() },
    { name: "hard-first", commandLine: `deploy ${HARD} --yes`, state: [], checks: checks() },
    { name: "hard-again", commandLine: `deploy ${HARD}`, state: [resource(firewallAddress())], checks: checks({ firewall: "ufw is not active" }) },
    { name: "hard-fine", commandLine: `host ${HARD}`, state: [], checks: checks() },
    { name: "hard-differs", commandLine: `host ${HARD}`, state: [], checks: checks({ sshd: "ssh.service does not run" }) },
  ];
}

function firewallAddress(): string {
  return hostParts().find(({ name }) => name === "firewall")?.address ?? "";
}

describe("deploy and host of a hardened host, with programs that only play", () => {
  const run = (name: string) => ({ ...scene(name), applied: scene(name).calls.filter((call) => call.startsWith("apply")) });

  test("a host that was never hardened is not touched without a yes", () => {
    const refused = run("hard-unasked");
    expect([refused.status, refused.applied]).toEqual([1, []]);
    expect(refused.stdout).toMatch(
      /^Host root@203\.0\.113\.10:22: \d+ parts are checked and applied …\nIt has not been hardened from this state yet\. Changed are its base, /,
    );
    expect(refused.stderr).toBe("canceled; the host was not changed, and nothing was deployed\n  → npm run deploy -- hard --yes   # does not ask\n");
  });

  test("the host is made before anything of Docker", () => {
    const { status, stderr, applied } = run("hard-first");
    expect([status, stderr]).toEqual([0, ""]);
    expect(applied[0]?.match(/-(target|replace)=\S+/g)).toEqual(
      hostParts().map(({ address }) => expect.stringContaining(address.split("_").slice(0, 2).join("_"))),
    );
    expect(applied.at(-1)).not.toContain("-target");
  });

  test("a manual change is shown, and reverted", () => {
    const firewall = firewallAddress();
    const { status, stdout, applied } = run("hard-again");
    expect([status, stdout]).toEqual([0, expect.stringContaining("\n  host, firewall: ufw is not active\n")]);
    expect(applied[0]?.match(/-replace=\S+/g)).toEqual([`-replace=${firewall}`]);
  });

  test("npm run host shows drift, and how to fix it", () => {
    const fine = run("hard-fine");
    expect([fine.status, fine.stderr]).toEqual([0, ""]);
    expect(fine.stdout).toMatch(/^( {2}[a-z0-9-]+: as it should be\n)+$/);
    const differs = run("hard-differs");
    expect([differs.status, differs.stdout]).toEqual([3, expect.stringContaining("  sshd: ssh.service does not run\n")]);
    expect(differs.stdout).toContain("\nTo fix it: npm run deploy -- hard\n");
  });
});

describe("main.ts, which cdktf runs", () => {
  test("is what cdktf.json names", () => {
    expect(JSON.parse(checkout.read("cdktf.json")).app).toBe("node lib/cli/cdktf.js");
  });

  const synth = (output: string) => checkout.node(["lib/cli/cdktf.js"], { CDKTF_OUTDIR: join(checkout.directory, output) });

  test("writes a stack for each environment that has a file", async () => {
    expect(await synth("by-cdktf")).toMatchObject({ status: 0 });
    expect(Object.keys(checkout.contents("by-cdktf")).sort()).toEqual(["manifest.json", "stacks/local/cdk.tf.json"]);
  });

  test("writes nothing when one of them is wrong, and shows no stack trace", async () => {
    const file = checkout.file("environments/broken.yaml", "domain: wiki.example.com\n");
    const { status, stderr } = await synth("by-cdktf-broken");
    rmSync(file);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^environments.* is not usable:\n {2}- .*users is missing.*\n {2}- .*wiki\.admin\.email is missing/),
    ]);
    expect(stderr).not.toMatch(STACK_TRACE);
    expect(checkout.contents("by-cdktf-broken")).toEqual({});
  });
});

/** A server at a free port of this machine. */
function listening(): Promise<Server> {
  return new Promise((resolve) => {
    const made = createServer();
    made.listen(0, "127.0.0.1", () => resolve(made));
  });
}

function portOf(listener: Server): number {
  return (listener.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const listener = await listening();
  const port = portOf(listener);
  await new Promise((resolve) => listener.close(resolve));
  return port;
}
