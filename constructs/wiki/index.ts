export { BookStack, type BookStackProps, type FirstAdministrator } from "./bookstack";
export type { BookStackOptions } from "./bookstack-config";
export type { Outbound, WikiMail } from "./bookstack-outbound";
export { UsersJob, type UsersJobProps } from "./users-job";
export type { WikiSizes } from "./wiki-sizes";
