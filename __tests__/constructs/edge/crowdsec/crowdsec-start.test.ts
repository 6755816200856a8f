import { assetText } from "../../../../constructs/core/asset";
import { Sandbox } from "../../../support/sandbox";

let box: Sandbox;

/** The script with the directories of the image below the sandbox, and programs that write down how they were called. */
beforeEach(() => {
  box = new Sandbox();
  for (const folder of ["staging/etc/crowdsec", "config/etc", "etc", "data", "secrets"]) box.folder(folder);
  box.folder("etc/crowdsec");
  box.file("staging/etc/crowdsec/config.yaml", "of the image");
  box.file("staging/etc/crowdsec/profiles.yaml", "of the image");
  box.file("config/etc/profiles.yaml", "ours");
  box.file("config/trusted", "10.0.0.0/24\n2001:db8::/48\n");
  box.file("calls", "", 0o666);
  for (const program of ["cscli", "yq"]) box.command(program, `echo "${program} $*" >>"${box.path("calls")}"\ncase "$*" in *"$FAILS"*) exit 1 ;; esac`);
  const script = assetText("edge/crowdsec/assets/start.sh")
    .replaceAll("/staging/", box.path("staging/"))
    .replaceAll("=/config", `=${box.path("config")}`)
    .replaceAll("=/etc/crowdsec", `=${box.path("etc/crowdsec")}`)
    .replaceAll("/var/lib/crowdsec/data", box.path("data"))
    .replaceAll("/run/secrets", box.path("secrets"))
    .replace("exec /bin/bash /docker_start.sh", 'echo "online=$([ "$DISABLE_ONLINE_API" = true ] && echo no || echo yes)"');
  box.file("start.sh", script);
});

afterEach(() => box.remove());

function start(fails = "nothing fails") {
  return box.sh([box.path("start.sh")], { FAILS: fails });
}

function calls(): string[] {
  return box.read("calls").trim().split("\n");
}

test("takes the image's files, and ours where both have one", () => {
  expect(start()).toMatchObject({ status: 0, stdout: "online=no\n", stderr: "" });
  expect([box.read("etc/crowdsec/config.yaml"), box.read("etc/crowdsec/profiles.yaml")]).toEqual(["of the image", "ours"]);
});

test("deletes every bouncer, so that a changed key is accepted, and rewrites the trusted networks", () => {
  for (const name of ["firewall", "traefik"]) box.file(`secrets/bouncer_key_${name}`, "key");
  start();
  expect(calls()).toEqual([
    "cscli --error bouncers delete key_firewall --ignore-missing",
    "cscli --error bouncers delete key_traefik --ignore-missing",
    "cscli --error allowlists delete trusted",
    "cscli --error allowlists create trusted --description from the environment file",
    "cscli --error allowlists add trusted 10.0.0.0/24 2001:db8::/48",
  ]);
});

test("accepts a missing list", () => {
  expect(start("allowlists delete").status).toBe(0);
});

describe("with a key of the community", () => {
  beforeEach(() => {
    box.file("secrets/crowdsec_enroll_key", "the-key");
    box.file("config/enroll.sh", `echo "enroll $*" >>"${box.path("calls")}"\n[ "$FAILS" != enroll ]`);
    // answers like the real one: the account on standard output
    box.command("cscli", `echo "cscli $*" >>"${box.path("calls")}"\ncase "$*" in *"$FAILS"*) exit 1 ;; *"capi register"*) echo "login: me" ;; esac`);
  });

  const enrolments = () => calls().filter((call) => call.startsWith("enroll "));

  test("makes an account once and enrolls once, however often it starts", () => {
    expect(start().stdout).toBe("online=yes\n");
    expect(start().stdout).toBe("online=yes\n");
    expect(calls().filter((call) => call.includes("capi register"))).toHaveLength(1);
    expect(enrolments()).toEqual([`enroll ${box.path("data/online_api_credentials.yaml")} ${box.path("secrets/crowdsec_enroll_key")}`]);
    expect(calls().join()).not.toContain("the-key");
    expect(box.read("data/online_api_credentials.yaml")).toBe("login: me\n");
    expect(box.read("data/enrolled")).not.toContain("the-key");
  });

  test("enrolls again with another key", () => {
    start();
    box.file("secrets/crowdsec_enroll_key", "another");
    start();
    expect(enrolments()).toHaveLength(2);
  });

  test("goes on when the key is not taken, and sends it again at the next start", () => {
    expect(start("enroll")).toMatchObject({ status: 0, stdout: "online=yes\n", stderr: expect.stringContaining("did not take the key") });
    expect(start()).toMatchObject({ status: 0, stderr: "" });
    expect(enrolments()).toHaveLength(2);
  });

  test("goes on without the internet, and tries again at the next start", () => {
    expect(start("capi register")).toMatchObject({ status: 0, stdout: "online=no\n", stderr: expect.stringContaining("going on without it") });
    expect(box.list("data")).toEqual([]);
    expect(start().stdout).toBe("online=yes\n");
  });
});
