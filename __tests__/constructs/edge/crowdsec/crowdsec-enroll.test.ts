import { assetText } from "../../../../constructs/core/asset";
import { Sandbox } from "../../../support/sandbox";

/** Fake curl: records its arguments and files, and answers like crowdsec.net. */
const CURL = `log=$TO
{
  echo "curl $*"
  for word; do case $word in @*) echo "file: $(cat "\${word#@}")" ;; esac; done
} >>"$log"
case "$*" in
  *login*) [ "\${REFUSES:-}" != login ] || exit 22; echo '{"code":200,"expire":"2099-01-01T00:00:00Z","token":"session-token"}' ;;
  *enroll*) [ "\${REFUSES:-}" != enroll ] || exit 22; echo '{"message":"OK"}' ;;
esac`;

/** In the place of yq: as much of it as the script asks for. */
const YQ = `echo "yq $*" >>"$TO"
case "$*" in
  ".url "*) sed -n 's/^url: //p' "$2" ;;
  *machine_id*) echo "{\\"machine_id\\": \\"$(sed -n 's/^login: //p' "$3")\\", \\"password\\": \\"$(sed -n 's/^password: //p' "$3")\\"}" ;;
  *.token*) sed 's/.*"token":"\\([^"]*\\)".*/\\1/' "$4" ;;
  *attachment_key*) echo "{\\"attachment_key\\": \\"$(cat "$KEY")\\"}" ;;
esac`;

describe("enroll.sh", () => {
  let box: Sandbox;

  beforeEach(() => {
    box = new Sandbox();
    box.file("enroll.sh", assetText("edge/crowdsec/assets/enroll.sh"));
    box.file("credentials.yaml", "url: https://api.example/\nlogin: machine\npassword: machine-password\n");
    box.file("key", "the-key");
    box.file("log", "", 0o666);
    box.command("curl", CURL);
    box.command("yq", YQ);
  });
  afterEach(() => box.remove());

  const enroll = (refuses = "") => box.sh(["enroll.sh", "credentials.yaml", "key"], { TO: box.path("log"), REFUSES: refuses, TMPDIR: box.folder("tmp") });
  const log = () => box.read("log").trim().split("\n");

  test("logs this machine in, and sends the key", () => {
    expect(enroll()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(
      log()
        .filter((line) => line.startsWith("curl "))
        .map((line) => line.split(" ").at(-1)),
    ).toEqual(["https://api.example/v3/watchers/login", "https://api.example/v3/watchers/enroll"]);
    expect(log().filter((line) => line.startsWith("file: "))).toEqual([
      "file: ",
      'file: {"machine_id": "machine", "password": "machine-password"}',
      "file: Authorization: Bearer session-token",
      'file: {"attachment_key": "the-key"}',
    ]);
  });

  test("has no secret in an argument, and leaves no file", () => {
    enroll();
    const called = log().filter((line) => /^(curl|yq) /.test(line));
    expect(called.filter((line) => /the-key|machine-password|session-token/.test(line))).toEqual([]);
    expect([called.length, box.list("tmp")]).toEqual([6, []]);
  });

  test.each(["login", "enroll"])("fails when crowdsec.net refuses the %s", (refused) => {
    expect(enroll(refused).status).not.toBe(0);
    expect(box.list("tmp")).toEqual([]);
  });
});
