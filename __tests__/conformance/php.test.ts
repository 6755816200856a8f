import { planned } from "../support/application";
import { localEnvironment } from "../support/example";
import { describeUnless, missingProgram } from "../support/needs";
import { Sandbox } from "../support/sandbox";

const files = planned(localEnvironment()).files();

describeUnless(missingProgram("php"), "php", () => {
  let sandbox: Sandbox;
  beforeAll(() => {
    sandbox = new Sandbox();
  });
  afterAll(() => sandbox.remove());

  const lint = (text: string) => {
    sandbox.file("it.php", text);
    return sandbox.sh(["-c", "php -n -d display_errors=stderr -l it.php"]);
  };
  /** What PHP reads from an ini file, without interpreting words such as Off. */
  const settings = (text: string) => {
    sandbox.file("it.ini", text);
    const { status, stdout } = sandbox.sh(["-c", `php -n -d display_errors=stderr -r 'echo json_encode(parse_ini_file("it.ini", true, INI_SCANNER_RAW));'`]);
    return { status, read: JSON.parse(stdout || "null") };
  };

  const programs = files.filter(({ path }) => path.endsWith(".php"));
  test.each(programs)("understands $path of $container", ({ text }) => {
    expect(lint(text)).toMatchObject({ status: 0, stderr: "" });
  });

  test("would refuse what is no program", () => {
    expect(lint("<?php function {")).toMatchObject({ status: 255, stderr: expect.stringContaining("syntax error") });
  });

  const inis = files.filter(({ path }) => /^php(-cli)?\/.*[.]ini$/.test(path));
  test.each(inis)("reads $path of $container as intended", ({ text }) => {
    const meant = text
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
    expect(settings(text).read).toEqual({ PHP: Object.fromEntries(meant) });
  });

  test("would not read an ini file with a parenthesis", () => {
    expect(settings("[PHP]\nmemory_limit(=1\n").read).not.toEqual({ PHP: { "memory_limit(": "1" } });
  });
});
