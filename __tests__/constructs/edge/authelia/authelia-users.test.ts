import { assetText } from "../../../../constructs/core/asset";
import { describeUnless, missingProgram } from "../../../support/needs";
import { Sandbox } from "../../../support/sandbox";

const ALICE = { name: "alice", displayName: "Alice", email: "alice@example.com", groups: ["admin"] };
const BOB = { name: "bob", displayName: 'Bob: O\'Brien "Bobby" Müller # 1', email: "bob@example.com", groups: [] };
/** As Authelia writes after a password change. */
const WRITTEN = `users:
    alice:
        password: $argon2id$v=19$m=65536,t=3,p=4$bmV3c2FsdA$Y2hvc2Vu
        displayname: Alice
        email: alice@example.com
        groups:
            - admin
        given_name: ""
        middle_name: ""
        website: ""
        address: null
        extra: {}
    bob:
        password: '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$Ym9i'
        displayname: 'Bob: O''Brien "Bobby" Müller # 1'
        email: bob@example.com
        groups: []
        extra: {}
`;

describeUnless(missingProgram("php"), "users.php", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.file("users.php", assetText("edge/authelia/assets/users.php"));
    sandbox.file("first-error.php", assetText("core/assets/first-error.php"));
    sandbox.folder("data");
    for (const name of ["alice", "bob"]) sandbox.file(`secrets/user_${name}_hash`, `$argon2id$v=19$first$${name}`);
  });
  afterEach(() => sandbox.remove());

  function run(...people: readonly object[]) {
    sandbox.file("users.json", JSON.stringify(people));
    return sandbox.sh(["-c", "exec php users.php users.json data/users.yml secrets"]);
  }

  const users = () => JSON.parse(sandbox.read("data/users.yml")).users;

  test("gives new people the hash of their first password", () => {
    expect(run(ALICE, BOB)).toEqual({ status: 0, stdout: "users: new: alice, bob\n", stderr: "" });
    expect(users()).toEqual({
      alice: { disabled: false, displayname: "Alice", password: "$argon2id$v=19$first$alice", email: ALICE.email, groups: ["admin"] },
      bob: { disabled: false, displayname: BOB.displayName, password: "$argon2id$v=19$first$bob", email: BOB.email, groups: [] },
    });
  });

  test("changes nothing the second time", () => {
    run(ALICE);
    expect(run(ALICE)).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("keeps the hashes that are there, in the form that Authelia writes, and takes the rest from the list", () => {
    sandbox.file("data/users.yml", WRITTEN);
    expect(run({ ...ALICE, displayName: "Alicia", groups: ["editor"] }, BOB).status).toBe(0);
    expect(users().alice).toMatchObject({ displayname: "Alicia", groups: ["editor"], password: "$argon2id$v=19$m=65536,t=3,p=4$bmV3c2FsdA$Y2hvc2Vu" });
    expect(users().bob.password).toBe("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$Ym9i");
  });

  test("keeps them in its own form, too, even when the first password is another by now", () => {
    run(ALICE, BOB);
    sandbox.file("secrets/user_alice_hash", "$argon2id$v=19$second$alice");
    run({ ...ALICE, email: "new@example.com" }, BOB);
    expect(users().alice).toMatchObject({ password: "$argon2id$v=19$first$alice", email: "new@example.com" });
  });

  test("a renamed user keeps the password", () => {
    sandbox.file("data/users.yml", WRITTEN);
    sandbox.file("secrets/user_alice_miller_hash", "$argon2id$v=19$first$alice_miller");
    const renamed = { ...ALICE, name: "alice_miller", previousNames: ["alice_jones", "alice"] };
    expect(run(renamed, BOB).stdout).toBe("users: new: alice_miller\nusers: removed: alice\n");
    expect(users().alice_miller.password).toBe("$argon2id$v=19$m=65536,t=3,p=4$bmV3c2FsdA$Y2hvc2Vu");
    // also when another user gets the old name later
    sandbox.file("secrets/user_alice_hash", "$argon2id$v=19$second$alice");
    run({ ...renamed, previousNames: [] }, ALICE);
    expect(users().alice.password).toBe("$argon2id$v=19$second$alice");
    expect(users().alice_miller.password).toBe("$argon2id$v=19$m=65536,t=3,p=4$bmV3c2FsdA$Y2hvc2Vu");
  });

  test("keeps the hashes of users with dots and dashes in their names, and of those whose names mean something to YAML", () => {
    const names = ["jean.dupont", "anne-marie", "null"];
    for (const name of names) sandbox.file(`secrets/user_${name}_hash`, `$argon2id$v=19$first$${name}`);
    const people = names.map((name) => ({ ...ALICE, name, email: `${name}@example.com` }));
    expect(run(...people).stdout).toBe("users: new: jean.dupont, anne-marie, null\n");
    const chosen = names.map((name) => `    ${name === "null" ? '"null"' : name}:\n        password: $argon2id$v=19$chosen$${name}\n`).join("");
    sandbox.file("data/users.yml", `users:\n${chosen}`);
    run(...people);
    expect(names.map((name) => users()[name].password)).toEqual(names.map((name) => `$argon2id$v=19$chosen$${name}`));
  });

  test("removes users who are not in the list any more", () => {
    sandbox.file("data/users.yml", WRITTEN);
    expect(run(BOB).stdout).toBe("users: removed: alice\n");
    expect(Object.keys(users())).toEqual(["bob"]);
  });

  test("writes a file that only its user can read, and leaves no temporary file", () => {
    run(ALICE);
    expect(sandbox.sh(["-c", "stat -c %a data/users.yml"]).stdout).toBe("600\n");
    expect(sandbox.list("data")).toEqual(["users.yml"]);
  });

  test.each([
    ["nothing", ""],
    ["half of JSON", '{"users": {"alice": {"password": "$argon2id$v=19$a$b"'],
    ["half of what Authelia writes", WRITTEN.slice(0, WRITTEN.indexOf("    bob:") + 9)],
    ["another list", "people:\n  alice:\n    password: $argon2id$v=19$a$b\n"],
    ["a flow", "users: { alice: { password: '$argon2id$v=19$a$b' } }\n"],
    ["a user twice", `${WRITTEN}    alice:\n        password: $argon2id$v=19$a$b\n`],
    ["a password in clear", WRITTEN.replace(/\$argon2id\S+Y2hvc2Vu/, "hunter2")],
    ["a password that goes on in the next line", WRITTEN.replace(/password: \$argon2id\S+/, "password: >-\n            $argon2id")],
    ["tabs", "users:\n\talice:\n\t\tpassword: $argon2id$v=19$a$b\n"],
    ["no user, in a form that means that all users were lost", "users: {}\n"],
    ["no person that it can tell", "users:\n    - alice\n"],
  ])("refuses a file with %s and leaves it as it is", (_, text) => {
    sandbox.file("data/users.yml", text);
    const { status, stdout, stderr } = run(ALICE, BOB);
    expect([status, stdout, stderr]).toEqual([1, "", expect.stringContaining("data/users.yml cannot be understood; it is left as it is")]);
    expect(sandbox.read("data/users.yml")).toBe(text);
  });

  test("refuses to continue without the hash of a new user, and keeps the file", () => {
    sandbox.file("data/users.yml", WRITTEN);
    const { status, stderr } = run(ALICE, BOB, { ...ALICE, name: "carol" });
    expect([status, stderr]).toEqual([78, "users: no hash at secrets/user_carol_hash\n"]);
    expect(sandbox.read("data/users.yml")).toBe(WRITTEN);
  });

  test("refuses an empty list", () => {
    expect(run().status).toBe(65);
  });
});
