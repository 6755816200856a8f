import { spawnSync } from "node:child_process";
import { createServer } from "node:net";
import type { Docker } from "../../../../lib/clients/docker/docker";
import { publishedPorts } from "../../../../lib/operations/doctor/facts/engine";
import { hostFacts, read } from "../../../../lib/operations/doctor/facts/host";
import { localEnvironment } from "../../../support/example";
import { describeUnless, missingProgram, ROOT } from "../../../support/needs";

test("ports that Docker prints are read: addresses of both families, ranges, no UDP", () => {
  const docker = {
    output: () => "a 0.0.0.0:80->8080/tcp, [::]:80->8080/tcp, 0.0.0.0:443->443/udp\nb 127.0.0.1:90-91->1-2/tcp, 5000/tcp\nc \n",
  } as unknown as Docker;
  expect(publishedPorts(docker).map(({ address, port, container }) => `${container} ${address} ${port}`)).toEqual([
    "a 0.0.0.0 80",
    "a :: 80",
    "b 127.0.0.1 90",
    "b 127.0.0.1 91",
  ]);
});

test("lines of one key are joined", () => {
  expect(read("listens=a\ntime=1\nlistens=b\nrubbish\n")).toEqual({ listens: "a\nb", time: "1" });
});

describeUnless(missingProgram("ss"), "the probe on this machine", () => {
  test("says what every Linux says, and who listens", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const facts = hostFacts({ ...localEnvironment(), mail: { host: "127.0.0.1", port } as never }, "/");
    server.close();
    expect(Number(facts.time)).toBeGreaterThan(1_700_000_000);
    expect(Object.keys(facts)).toEqual(expect.arrayContaining(["machine", "available_kib", "free_kib", "root_mount", "listeners"]));
    expect(facts.listens).toContain(`127.0.0.1:${port}`);
    expect(facts.mail).toBe("answers");
    expect(hostFacts({ ...localEnvironment(), mail: { host: "127.0.0.1", port: 1 } as never }, "/").mail).toBe("silent");
  });

  test("cannot be had over TLS, and says so", () => {
    const docker = { ...localEnvironment().docker, host: "tcp://203.0.113.10:2376" };
    expect(() => hostFacts({ ...localEnvironment(), docker }, "/")).toThrow("run doctor on that machine, too");
  });

  test("is a script that sh reads", () => {
    for (const script of ["host.sh", "last-set.sh"]) expect(spawnSync("sh", ["-n", `${ROOT}/lib/operations/doctor/facts/${script}`]).status).toBe(0);
  });
});
