import { planned } from "../support/application";
import { localEnvironment } from "../support/example";
import { describeUnless, missingProgram } from "../support/needs";
import { Sandbox } from "../support/sandbox";

describeUnless(missingProgram("mysqld"), "mysqld --validate-config", () => {
  const config = planned(localEnvironment()).file("local-bookstack-db", "my.cnf");
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    for (const folder of ["var/lib/mysql/data", "var/lib/mysql/tmp", "var/log/mysql", "run/mysqld"]) sandbox.folder(folder);
  });
  afterEach(() => sandbox.remove());

  function validate(text: string) {
    sandbox.file(
      "my.cnf",
      text.replaceAll(/(?<==)\/(var|run)(?=\/)/g, (path) => sandbox.path(path)),
    );
    const { status, stderr } = sandbox.sh([
      "-c",
      'mysqld --defaults-file="$PWD/my.cnf" --validate-config; status=$?; cat var/log/mysql/error.log >&2; exit $status',
    ]);
    return { status, stderr };
  }

  test("accepts the configuration of the database", () => {
    const { status, stderr } = validate(config);
    expect(status).toBe(0);
    expect(stderr).not.toMatch(/\[(ERROR|Warning)\]/);
  });

  test("would refuse a variable that MySQL does not have", () => {
    expect(validate(`${config}innodb_bufer_pool_size=1G\n`)).toEqual({
      status: 1,
      stderr: expect.stringContaining("unknown variable 'innodb_bufer_pool_size=1G'"),
    });
  });
});
