/** Family of an alert → the dashboard that shows why. */
export const EXPLAINED_BY: Readonly<Record<string, { readonly id: string; readonly title: string }>> = {
  backup: { id: "backup", title: "Backup" },
  certificates: { id: "security", title: "Security" },
  containers: { id: "docker", title: "Docker" },
  database: { id: "mysql", title: "MySQL" },
  host: { id: "node", title: "Node" },
  monitoring: { id: "docker", title: "Docker" },
  security: { id: "security", title: "Security" },
  wiki: { id: "bookstack", title: "BookStack" },
};
