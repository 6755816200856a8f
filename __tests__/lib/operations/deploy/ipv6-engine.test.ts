import { requireIpv6 } from "../../../../lib/operations/deploy/ipv6-engine";
import { localEnvironment } from "../../../support/example";

const environment = { ...localEnvironment(), ports: { ...localEnvironment().ports, ipv6: "::" } };
const engine = (info: string) => ({ output: () => `${info}\n` });

test.each(["20.10.24+dfsg1 true", "26.1.5 true", "27.0.1 false", "29.7.2 false"])("%s keeps the addresses of clients", (info) => {
  expect(() => requireIpv6(environment, engine(info))).not.toThrow();
});

test.each(["20.10.24+dfsg1 false", "26.1.5 false"])("%s is refused: it hides the addresses of all clients behind its own", (info) => {
  expect(() => requireIpv6(environment, engine(info))).toThrow(/hides the address of every client that comes by IPv6.*"ip6tables": true/s);
});

test("without IPv6 clients the engine is not asked", () => {
  const output = jest.fn();
  requireIpv6(localEnvironment(), { output });
  requireIpv6({ ...environment, ports: { ...environment.ports, ipv6: "::1" } }, { output });
  expect(output).not.toHaveBeenCalled();
});
