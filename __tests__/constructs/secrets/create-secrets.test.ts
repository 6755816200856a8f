import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { describeUnless, missingProgram } from "../../support/needs";
import { OWN_USER } from "../../support/sandbox";
import { grant, SecretScript } from "../../support/secret-script";

describeUnless(missingProgram("openssl"), "create-secrets.sh", () => {
  let script: SecretScript;
  beforeEach(() => {
    script = new SecretScript();
  });
  afterEach(() => script.sandbox.remove());

  /** Everything in the store and with the services: path → text. */
  function everything(): Record<string, string> {
    const files = ["store", ...script.sandbox.list("services").map((service) => `services/${service}`)].flatMap((folder) =>
      script.sandbox.list(folder).map((name) => `${folder}/${name}`),
    );
    return Object.fromEntries(files.map((path) => [path, script.sandbox.read(path)]));
  }

  describe("provided secrets", () => {
    const lines = ["create first_token provided - -", "create password password 8 -", "create second_token provided - -", grant("first_token", "traefik")];

    test("names everything that is missing, and creates nothing", () => {
      const { status, stdout, stderr } = script.run(lines);
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toBe(
        "secrets: not provided yet: first_token second_token. Put each into a file of its name in the secret store, or provide it as a variable\n",
      );
      expect(script.sandbox.list("store")).toEqual([]);
    });

    test("distributes a secret unchanged, and again after a change", () => {
      for (const name of ["first_token", "second_token"]) script.sandbox.file(`store/${name}`, `given ${name}`);
      script.must(...lines);
      expect(script.sandbox.read("services/traefik/first_token")).toBe("given first_token");
      script.sandbox.file("store/first_token", "changed");
      script.must(...lines);
      expect(script.sandbox.read("services/traefik/first_token")).toBe("changed");
    });
  });

  describe("creates", () => {
    test("a password of letters and digits, as long as asked", () => {
      expect(script.must("create short password 8 -", "create long password 64 -")).toBe("secrets: created short\nsecrets: created long\n");
      expect(script.stored("short")).toMatch(/^[A-Za-z0-9]{8}$/);
      expect(script.stored("long")).toMatch(/^[A-Za-z0-9]{64}$/);
    });

    test("a key of 32 bytes as Laravel reads it", () => {
      script.must("create app_key laravel-key - -");
      const [prefix, encoded = ""] = script.stored("app_key").split(":");
      expect(prefix).toBe("base64");
      expect(Buffer.from(encoded, "base64")).toHaveLength(32);
      expect(script.stored("app_key")).not.toContain("\n");
    });

    test("different values each time", () => {
      script.must("create one password 32 -", "create two password 32 -");
      expect(script.stored("one")).not.toBe(script.stored("two"));
    });

    test("what is missing, and leaves what exists", () => {
      script.must("create old password 32 -", grant("old", "web"));
      const before = everything();
      expect(script.must("create new password 32 -", "create old password 32 -", grant("old", "web"))).toBe("secrets: created new\n");
      expect(everything()).toMatchObject(before);
    });

    test("nothing at all the second time", () => {
      const lines = [
        "create key laravel-key - -",
        "create ca authority example.com -",
        "create edge certificate ca a.example.com",
        grant("key", "web"),
        grant("edge.key", "web"),
      ];
      script.must(...lines);
      const before = everything();
      expect(script.must(...lines)).toBe("");
      expect(everything()).toEqual(before);
    });

    test.each([
      ["a kind that it does not know", "create x rot13 - -", "x is of a kind that is not known: rot13"],
      ["a grant to an unknown service", "give x nobody 1:1", "nobody has no directory"],
    ])("fails for %s", (_, line, reason) => {
      script.sandbox.file("manifest", `${line.replaceAll(" ", "\t")}\n`);
      const { status, stderr } = script.sandbox.sh(["create-secrets.sh", "manifest", script.sandbox.path("store"), script.sandbox.path("services")]);
      expect({ status, stderr }).toEqual({ status: 1, stderr: `secrets: ${reason}\n` });
    });

    test("no half of a value when the random source gives too little", () => {
      script.sandbox.command("openssl", "echo AAAA");
      const { status, stderr } = script.run(["create x password 32 -"]);
      expect(status).toBe(1);
      expect(stderr).toContain("the random source gave too little");
      expect(script.sandbox.list("store")).toEqual([]);
    });
  });

  describe("signs", () => {
    const LINES = ["create ca authority example.com -", "create edge certificate ca a.example.com,b.example.com"];

    test("a certificate for exactly its names, signed by its CA", () => {
      script.must(...LINES);
      const certificate = script.certificate("edge");
      expect(certificate.subjectAltName).toBe("DNS:a.example.com, DNS:b.example.com");
      expect(certificate.ca).toBe(false);
      expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
      expect(script.verify("ca", script.sandbox.path("store/edge.crt"))).toContain("OK");
      expect(days(certificate)).toBe(825);
    });

    test("with a key that goes with the certificate", () => {
      script.must(...LINES);
      expectKeysToFit("ca", "edge");
    });

    test("as an authority that signs servers' certificates and no further authority", () => {
      script.must(...LINES);
      const authority = script.certificate("ca");
      expect(authority.ca).toBe(true);
      expect(authority.toLegacyObject()).toMatchObject({ subject: { CN: "Private CA, example.com" } });
      expect(days(authority)).toBe(3650);
    });

    test.each(["evil.test", "example.com.evil.test", "notexample.com"])("nothing for %s, which is not below its domain", (name) => {
      const { status, stderr } = script.run([LINES[0] ?? "", `create foreign certificate ca ${name}`]);
      expect(status).toBe(1);
      expect(stderr).toContain(`foreign is not accepted by its authority ca; are all its names below the authority's domain: ${name}`);
    });

    test.each(["DNS:evil.test", "IP:203.0.113.1", "IP:2001:db8::1"])(
      "nothing for %s that a client would take, even with the key of the authority in hand",
      (name) => {
        script.must(...LINES);
        expect(script.verify("ca", signedByHand("DNS:c.example.com"))).toContain("OK");
        expect(script.verify("ca", signedByHand(name))).toMatch(/error 4[78] /);
      },
    );

    /** A certificate for `name`, signed with the CA's key. */
    function signedByHand(name: string): string {
      const { sandbox } = script;
      sandbox.file("hand.ext", `subjectAltName = ${name}\nextendedKeyUsage = serverAuth\n`);
      const { status, stderr } = sandbox.sh([
        "-ec",
        `openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=by hand" -keyout hand.key -out hand.csr 2>&1
        openssl x509 -req -days 30 -in hand.csr -CA store/ca.crt -CAkey store/ca.key -set_serial 7 -extfile hand.ext -out hand.crt`,
      ]);
      if (status !== 0) throw new Error(stderr);
      return sandbox.path("hand.crt");
    }
  });

  describe("renews a certificate", () => {
    const LINES = ["create ca authority example.com -", "create edge certificate ca a.example.com"];

    test("when its names change", () => {
      script.must(...LINES);
      expect(script.must(LINES[0] ?? "", "create edge certificate ca a.example.com,b.example.com")).toBe("secrets: created edge\n");
      expect(script.certificate("edge").subjectAltName).toBe("DNS:a.example.com, DNS:b.example.com");
    });

    test.each([
      [29, "secrets: created edge\n"],
      [31, ""],
    ])("with %d days left: prints %j", (left, printed) => {
      const real = script.sandbox.sh(["-c", "command -v openssl"]).stdout.trim();
      script.sandbox.command(
        "openssl",
        `for word; do shift; case $word in 825) set -- "$@" ${left} ;; *) set -- "$@" "$word" ;; esac; done; exec ${real} "$@"`,
      );
      script.must(...LINES);
      expect(days(script.certificate("edge"))).toBe(left);
      expect(script.must(...LINES)).toBe(printed);
    });

    test("when its authority is another one", () => {
      script.must(...LINES);
      script.sandbox.sh(["-c", "rm store/ca.key"]);
      expect(script.must(...LINES)).toBe("secrets: created ca\nsecrets: created edge\n");
      expectKeysToFit("ca", "edge");
      expect(script.verify("ca", script.sandbox.path("store/edge.crt"))).toContain("OK");
    });

    test("and its authority, when the domain changes: the old one may not sign for the new names", () => {
      script.must(...LINES);
      expect(script.must("create ca authority example.org -", "create edge certificate ca a.example.org")).toBe("secrets: created ca\nsecrets: created edge\n");
      expect(script.verify("ca", script.sandbox.path("store/edge.crt"))).toContain("OK");
    });
  });

  describe("guards data", () => {
    const LINES = [
      "guard app_key /data",
      "guard db_password /data",
      "create app_key laravel-key - -",
      "create db_password password 32 -",
      "create other password 8 -",
    ];
    const lines = () => LINES.map((line) => line.replace("/data", script.sandbox.folder("data")));

    test("by refusing every secret that the data need, all at once, before anything is created", () => {
      script.sandbox.file(`data/ibdata1`, "");
      const { status, stderr } = script.run(lines());
      expect(status).toBe(1);
      expect(stderr).toContain("missing, while the data that need them exist: app_key db_password. Restore them from a backup");
      expect(script.sandbox.list("store")).toEqual([]);
    });

    test("and creates them while there is nothing but the mark of a new volume", () => {
      script.sandbox.file("data/.secure-bookstack", "");
      script.must(...lines());
      expect(script.sandbox.list("store")).toEqual(["app_key", "db_password", "other"]);
    });

    test("and is content with secrets that exist", () => {
      script.must(...lines());
      script.sandbox.file("data/ibdata1", "");
      expect(script.must(...lines())).toBe("");
    });

    test("and refuses when it cannot look at them", () => {
      const { status, stderr } = script.run(["guard app_key /nowhere", "create app_key laravel-key - -"]);
      expect(status).toBe(1);
      expect(stderr).toContain("cannot look into /nowhere");
      expect(script.sandbox.list("store")).toEqual([]);
    });
  });

  describe("distributes", () => {
    test("files that only their owner can read, in a directory that cannot be listed", () => {
      script.must("create key password 32 -", grant("key", "web"));
      const { mode, uid, gid } = statSync(script.sandbox.path("services/web/key"));
      expect((mode & 0o777).toString(8)).toBe("400");
      expect(`${uid}:${gid}`).toBe(OWN_USER);
      expect((statSync(script.sandbox.path("services/web")).mode & 0o777).toString(8)).toBe("711");
      expect((statSync(script.sandbox.path("store/key")).mode & 0o777).toString(8)).toBe("400");
      expect(script.sandbox.read("services/web/key")).toBe(script.stored("key"));
    });

    test("each file to exactly the user that was named", () => {
      script.sandbox.command("chown", 'echo "$1 ${2##*/}" >>calls');
      script.must("create key password 32 -", grant("key", "web", "1000:1000"), grant("key", "db", "999:998"));
      expect(script.sandbox.read("calls")).toBe("1000:1000 .key\n999:998 .key\n");
    });

    test("what was renewed", () => {
      const ca = "create ca authority example.com -";
      script.must(ca, "create edge certificate ca a.example.com", grant("edge.crt", "web"));
      script.must(ca, "create edge certificate ca b.example.com", grant("edge.crt", "web"));
      expect(new X509Certificate(script.sandbox.read("services/web/edge.crt")).subjectAltName).toBe("DNS:b.example.com");
    });

    test("and takes back what is no longer given", () => {
      script.must("create one password 8 -", "create two password 8 -", grant("one", "web"), grant("two", "web"), grant("two", "db"));
      script.must("create two password 8 -", grant("two", "db"), grant("one", "other"));
      expect(["web", "db", "other"].map((service) => script.sandbox.list(`services/${service}`))).toEqual([[], ["two"], ["one"]]);
    });
  });

  test("takes back the file of a user with a dot in the name, though another's name is as long", () => {
    const secret = (user: string) => [`create user_${user}_hash password 8 -`, grant(`user_${user}_hash`, "web")];
    script.must(...secret("a.b"), ...secret("a_b"));
    script.must(...secret("a_b"));
    expect(script.sandbox.list("services/web")).toEqual(["user_a_b_hash"]);
  });

  describe("recovers", () => {
    const FIRST = ["create key laravel-key - -", "create ca authority example.com -", grant("key", "web"), grant("ca.crt", "web")];
    const OLD = [...FIRST, "create edge certificate ca a.example.com", grant("edge.crt", "web"), grant("edge.key", "web")];
    const NEW = OLD.map((line) => line.replace("a.example.com", "b.example.com"));
    /** Ends the script as an engine does, at the rename whose number is asked for. */
    const KILL = 'echo >>moves; if [ "$(wc -l <moves)" -eq "$KILL_AT" ]; then kill -9 "$MAIN"; exit 1; fi; exec "$MV" "$@"';

    /** Runs the script on a copy of what there is, killed at the first rename, then at the second, …; looks at the result of each repair. */
    function killEverywhere(lines: readonly string[], names: readonly string[]): number {
      const { sandbox } = script;
      const mv = sandbox.sh(["-c", "command -v mv"]).stdout.trim();
      sandbox.sh(["-c", "cp -pR store store.before; cp -pR services services.before"]);
      for (let at = 1; ; at += 1) {
        sandbox.command("mv", KILL);
        const { status } = script.run(lines, { KILL_AT: `${at}`, MV: mv });
        sandbox.sh(["-c", "rm -f bin/mv moves"]);
        if (status === 0) return at - 1;
        script.must(...lines);
        for (const file of sandbox.list("services/web")) expect(sandbox.read(`services/web/${file}`)).toBe(script.stored(file));
        expectKeysToFit(...names);
        if (names.includes("edge")) expect(script.certificate("edge").subjectAltName).toBe("DNS:b.example.com");
        sandbox.sh(["-c", "rm -rf store services; cp -pR store.before store; cp -pR services.before services"]);
      }
    }

    test("from being killed at any moment of the first run", () => {
      expect(killEverywhere(FIRST, ["ca"])).toBe(6);
      expect(script.sandbox.list("store")).toEqual(["ca.crt", "ca.key", "ca.names", "key"]);
      expect(script.sandbox.list("services/web")).toEqual(["ca.crt", "key"]);
    });

    test("from being killed at any moment of a renewal", () => {
      script.must(...OLD);
      expect(killEverywhere(NEW, ["ca", "edge"])).toBe(7);
      expect(script.sandbox.list("store")).toEqual(["ca.crt", "ca.key", "ca.names", "edge.crt", "edge.key", "edge.names", "key"]);
      expect(script.sandbox.list("services/web")).toEqual(["ca.crt", "edge.crt", "edge.key", "key"]);
    });

    test("from what an earlier run left behind, and leaves none of it", () => {
      script.sandbox.file("store/.work/value", "half", 0o400);
      script.sandbox.file("services/web/.key", "half", 0o400);
      script.sandbox.file("services/web/.gone", "half", 0o400);
      script.must("create key laravel-key - -", grant("key", "web"));
      expect(script.sandbox.list("store")).toEqual(["key"]);
      expect(script.sandbox.list("services/web")).toEqual(["key"]);
    });
  });

  test("shows no value: not in an argument, not in the environment, not in its output", () => {
    const programs = ["openssl", ..."cat chmod chown cp cut flock grep head ls mkdir mv rm sed tr".split(" ")];
    const log = script.sandbox.path("seen");
    for (const program of programs) {
      const real = script.sandbox.sh(["-c", `command -v ${program}`]).stdout.trim();
      script.sandbox.command(program, `{ echo "${program} $*"; /usr/bin/env; } >>${log}\nexec ${real} "$@"`);
    }
    const sh = script.sandbox.sh(["-c", "command -v sh"]).stdout.trim();
    script.sandbox.command("sh", `exec ${sh} "$@"`);
    const lines = ["create key laravel-key - -", "create word password 40 -", "create ca authority example.com -", "create edge certificate ca a.example.com"];
    // no other directory: a program that was forgotten above is not found
    const { status, stdout, stderr } = script.run([...lines, grant("key", "web"), grant("word", "web"), grant("edge.key", "web")], {
      PATH: script.sandbox.path("bin"),
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const seen = `${readFileSync(log, "utf8")}${stdout}`;
    expect(seen).toContain("openssl rand -base64 32");
    const values = [
      script.stored("key").replace("base64:", ""),
      script.stored("word"),
      ...["ca.key", "edge.key"].flatMap((key) => script.stored(key).split("\n").slice(1, -2)),
    ];
    expect(values.length).toBeGreaterThanOrEqual(6);
    for (const value of values) expect(seen).not.toContain(value);
  });

  function expectKeysToFit(...names: string[]): void {
    for (const name of names) expect(script.certificate(name).checkPrivateKey(createPrivateKey(script.stored(`${name}.key`)))).toBe(true);
  }
});

function days(certificate: X509Certificate): number {
  return Math.round((Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 86_400_000);
}
