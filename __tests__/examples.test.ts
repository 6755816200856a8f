import { parse } from "yaml";
import { checkPolicy } from "../constructs/policy";
import { TodoStack } from "../examples/another-application";
import { read, testApp } from "./support/plan";

describe("another application behind the same edge", () => {
  const plan = read(new TodoStack(testApp(), "todo"));

  test("breaks no rule of the policy", () => {
    expect(checkPolicy(plan.stack)).toEqual([]);
  });

  test("is what runs, and nothing of a wiki", () => {
    const running = plan.all("docker_container").filter(({ restart }) => restart === "always");
    expect(running.map(({ name }) => name).sort()).toEqual(["todo-traefik", "todo-vikunja"]);
  });

  test("is reached through the edge alone", () => {
    expect(plan.container("todo-vikunja")).not.toHaveProperty("ports");
    expect(plan.container("todo-vikunja").networks_advanced).toEqual([{ name: expect.stringContaining("Networks_backend"), aliases: ["vikunja"] }]);
    expect(parse(plan.file("todo-traefik", "dynamic/routes.yml"))).toHaveProperty("http.services.todo.loadBalancer.servers", [{ url: "http://vikunja:3456" }]);
    expect(plan.file("todo-secrets", "manifest")).toContain("create\tedge\tcertificate\tedge_ca\ttodo.home.arpa\n");
  });

  test("is hardened without having asked for it", () => {
    expect(plan.container("todo-vikunja")).toMatchObject({
      read_only: true,
      user: "1000:1000",
      capabilities: { drop: ["ALL"] },
      security_opts: ["no-new-privileges=true"],
      memory: 256,
      memory_swap: 256,
    });
  });

  test("has its key from a file, and its data in a volume that Terraform does not destroy", () => {
    expect(plan.container("todo-vikunja").env).toContain("VIKUNJA_SERVICE_SECRET_FILE=/run/secrets/vikunja_key");
    expect(plan.file("todo-secrets", "manifest")).toContain("give\tvikunja_key\tvikunja\t1000:1000\n");
    expect(plan.volume("todo-todo")).toMatchObject({ lifecycle: { prevent_destroy: true } });
  });
});
