import { type ContainerState, Docker } from "../../../../lib/clients/docker/docker";
import { RestoreContainer } from "../../../../lib/operations/backup/restore-container";

const BACKUP: ContainerState = {
  Image: "sha256:backup",
  State: { Running: true },
  Config: { Env: ["BACKUP_KEEP=10", "DB_HOST=bookstack-db", "PATH=/usr/bin"], Labels: {} },
  HostConfig: { Memory: 512, ExtraHosts: null },
  Mounts: [
    { Type: "volume", Name: "wiki-uploads", Source: "/var/lib/docker/volumes/wiki-uploads/_data", Destination: "/sources/uploads", RW: false },
    { Type: "volume", Name: "wiki-scratch", Source: "/var/lib/docker/volumes/wiki-scratch/_data", Destination: "/scratch", RW: true },
    { Type: "volume", Name: "wiki-backup-config", Source: "/var/lib/docker/volumes/wiki-backup-config/_data", Destination: "/etc/backup", RW: false },
    { Type: "bind", Source: "/run/bookstack/wiki/secrets/backup", Destination: "/run/secrets", RW: false },
    { Type: "tmpfs", Destination: "/tmp", RW: true },
  ],
};

/** Words with which the container is started. */
function started(): readonly string[] {
  const docker = new Docker({ host: "unix:///nowhere.sock" } as ConstructorParameters<typeof Docker>[0]);
  jest.spyOn(docker, "inspect").mockReturnValue(undefined);
  const output = jest.spyOn(docker, "output").mockReturnValue("");
  new RestoreContainer(docker, "wiki", BACKUP).start();
  return output.mock.calls[0]?.[0] ?? [];
}

test("has what the backup has, secrets of the host included, and may write to what is restored", () => {
  expect(started().filter((arg) => arg.startsWith("--mount="))).toEqual([
    "--mount=type=volume,source=wiki-uploads,target=/sources/uploads",
    "--mount=type=volume,source=wiki-scratch,target=/scratch",
    "--mount=type=volume,source=wiki-backup-config,target=/etc/backup,readonly",
    "--mount=type=bind,source=/run/bookstack/wiki/secrets/backup,target=/run/secrets,readonly",
  ]);
});

test("has its settings, no way out and nothing that it may do beyond", () => {
  expect(started()).toEqual(expect.arrayContaining(["--env=BACKUP_KEEP=10", "--env=DB_HOST=bookstack-db", "--network=wiki-database", "--cap-drop=ALL"]));
  expect(started()).not.toContain("--env=PATH=/usr/bin");
});
