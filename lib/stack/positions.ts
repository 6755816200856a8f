import { LAST_POSITION } from "../environment/schema/networks";

/** Positions of services with a fixed address, within their network. */
export const POSITIONS = { traefik: 10, crowdsec: 11, bookstack: 12, egress: 13, prometheus: 20, alertmanager: LAST_POSITION } as const;
