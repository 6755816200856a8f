import { unreachable } from "../../../../lib/clients/docker/unreachable";

const HERE = { host: "unix:///var/run/docker.sock" };

test.each([
  [
    "a docker command that is too old",
    "Error response from daemon: client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version",
    /docker command of this machine is too old.*1\.44[\s\S]*update it/,
  ],
  [
    "an engine that is too old",
    "Error response from daemon: client version 1.53 is too new. Maximum supported API version is 1.38",
    /engine is too old.*1\.38[\s\S]*update the engine at unix/,
  ],
  [
    "an engine that does not run",
    "Cannot connect to the Docker daemon. Is the docker daemon running?",
    /no Docker engine answers[\s\S]*systemctl start docker/,
  ],
])("%s gets the remedy that helps", (_, output, expected) => {
  expect(unreachable(HERE, output).message).toMatch(expected);
});
