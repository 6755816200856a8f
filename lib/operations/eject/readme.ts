/** What the folder is, for people who have nothing but it. */
export function readme(environment: string, files: readonly string[]): string {
  const parts = files.filter((path) => path.endsWith(".tf")).sort();
  return `# The wiki \`${environment}\` as Terraform configuration

This folder describes the same containers, volumes and networks as the environment file \`${environment}.yaml\`, in plain
HCL. Terraform or OpenTofu alone is needed from here on.

\`\`\`sh
terraform init
terraform plan      # No changes
terraform apply
\`\`\`

The state is the one that the environment had; \`terraform.tf\` says where it is. Move a state file together with this
path. Never apply this folder and the environment file in turn: decide for one of them.

## Files

${parts.map((path) => `- \`${path}\``).join("\n")}
- \`files/\`: configuration files, by the container that reads them. Their hash is part of the names of volumes and
  containers, so a changed file replaces what reads it.
- \`files/scripts/\`: scripts that Terraform runs. A changed script of a host part runs that part again.
- \`assets/\`: contexts of the images that the Docker host builds. After a change there, change the tag in \`name\` and the
  value of \`triggers\` of its \`docker_image\`: the block \`build\` alone is ignored.

Resources keep their addresses, and so the digits in their names. To rename one, use \`moved\` blocks.

## What is no longer done for you

- The checks of the environment file and the policy: Terraform applies what is written here.
- \`verify\`, \`doctor\`, \`backup\`, \`restore\` and the other commands. The backup container still makes its
  sets by schedule.
- Updates: change the image in the file of its part, read the release notes, and make a backup set before.
- An update of the wiki by a migration on a copy: a migration that fails leaves the wiki down.
- Secrets stay in the volumes or on the host, and are not in this folder.
`;
}
