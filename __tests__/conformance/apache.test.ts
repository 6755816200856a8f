import { WikiStack } from "../../lib/wiki-stack";
import { localEnvironment } from "../support/example";
import { describeUnless, missingProgram } from "../support/needs";
import { read, testApp } from "../support/plan";
import { Sandbox } from "../support/sandbox";

/** Modules that the image has enabled and the configuration uses. */
const MODULES = ["mpm_prefork", "authz_core", "authz_host", "mime", "dir", "env", "setenvif", "remoteip", "rewrite"];

describeUnless(missingProgram("apache2"), "apache2 -t", () => {
  const plan = read(new WikiStack(testApp(), localEnvironment()));
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    for (const module of MODULES)
      sandbox.file(`etc/apache2/mods-enabled/${module}.load`, `LoadModule ${module}_module /usr/lib/apache2/modules/mod_${module}.so\n`);
    sandbox.file("etc/apache2/conf-available/docker-php.conf", "");
    for (const folder of ["run/apache2", "var/www/bookstack/public/uploads"]) sandbox.folder(folder);
  });
  afterEach(() => sandbox.remove());

  function said(httpd: string): string {
    const here = (text: string) => text.replaceAll(/\/(etc|run|var)(?=\/)/g, (path) => sandbox.path(path));
    sandbox.file("etc/bookstack/variables.conf", plan.file("local-bookstack", "variables.conf"));
    sandbox.file("httpd.conf", here(httpd));
    return sandbox.sh(["-c", "apache2 -t -f $PWD/httpd.conf"]).stderr;
  }

  test("accepts the configuration of the wiki", () => {
    expect(said(plan.file("local-bookstack", "httpd.conf"))).toBe("Syntax OK\n");
  });

  test.each([
    ["a directive that Apache does not have", "TraceEnabled Off", "Invalid command 'TraceEnabled'"],
    ["a variable that nobody defines", "LimitRequestBody ${NOBODY}", "NOBODY"],
  ])("would refuse %s", (_, line, reason) => {
    expect(said(`${plan.file("local-bookstack", "httpd.conf")}\n${line}\n`)).toContain(reason);
  });
});
