import { Container } from "@cdktf/provider-docker/lib/container";

/** Variable that names the cgroup. */
export const CGROUP_VARIABLE = "E2E_CGROUP";

/** Runs a command of the repository, with all containers in one cgroup of the host, as those of a hardened host are. */
type Attributes = Record<string, unknown>;
const prototype = Container.prototype as unknown as { synthesizeAttributes(this: Container): Attributes };
const { synthesizeAttributes } = prototype;

prototype.synthesizeAttributes = function () {
  return { ...synthesizeAttributes.call(this), cgroup_parent: process.env[CGROUP_VARIABLE] };
};

if (require.main === module) require("../../lib/cli/main").start();
