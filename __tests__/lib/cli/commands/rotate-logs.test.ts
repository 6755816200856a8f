import { Checkout } from "../../../support/checkout";

// a process takes about a second, and many times that on a machine with other things to do
jest.setTimeout(120_000);

/** In the place of Docker: has the containers of $CONTAINERS, of which $BROKEN does not answer and $SILENT has logged nothing. */
const DOCKER = `shift 2
case "$1" in
  ps) printf '%s\\n' $CONTAINERS ;;
  exec)
    while read -r line; do :; done
    [ "$3" = "$BROKEN" ] && { echo "Error response: $3 is not running" >&2; exit 1; }
    [ "$3" = "$SILENT" ] || printf '%s\\n' "one log of $3 was set aside" "another one, too" ;;
esac`;
const CONTAINERS = "local-traefik local-authelia local-bookstack local-bookstack-db local-crowdsec";

describe("npm run rotate-logs", () => {
  const checkout = Checkout.whole();
  const PATH = checkout.path("play", { docker: DOCKER });
  afterAll(() => checkout.remove());

  test("says of each service what was set aside", async () => {
    expect(await checkout.run("rotate-logs local", { PATH, CONTAINERS, SILENT: "local-authelia" })).toEqual({
      status: 0,
      stdout: [
        "local-traefik: one log of local-traefik was set aside, another one, too",
        "local-authelia: no new log lines",
        "local-bookstack: one log of local-bookstack was set aside, another one, too",
        "local-bookstack-db: one log of local-bookstack-db was set aside, another one, too",
        "",
      ].join("\n"),
      stderr: "",
    });
  });

  test("goes on after one that fails, and fails at the end", async () => {
    const { status, stdout, stderr } = await checkout.run("rotate-logs local", { PATH, CONTAINERS, BROKEN: "local-authelia" });
    expect([status, stdout.split("\n")]).toEqual([1, expect.arrayContaining([expect.stringContaining("local-bookstack-db: one log")])]);
    expect(stderr).toContain("docker exec failed: Error response: local-authelia is not running");
  });

  test("needs a wiki that runs", async () => {
    expect(await checkout.run("rotate-logs local", { PATH })).toEqual({
      status: 1,
      stdout: "",
      stderr: "local does not run\n  → npm run deploy -- local\n",
    });
  });
});
