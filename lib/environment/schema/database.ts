import { z } from "zod";
import { ByteSize } from "../../../constructs/core/byte-size";
import { MYSQL_OVERHEAD_MIB } from "../../../constructs/database/mysql";
import { checked, cpus, duration, size } from "../readers";
import { requiredAuthorities } from "../readers/certificates";
import { wasRead } from "../relations";
import { server } from "./mail";

/** Lines of MySQL that can be chosen. */
export const DATABASE_VERSIONS = ["8.4", "8.0"] as const;
export type DatabaseVersion = (typeof DATABASE_VERSIONS)[number];

const ADMIN = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/;
const ACCOUNTS = ["bookstack", "backup", "exporter", "restore"];

/** A server on another machine. */
const external = z
  .strictObject({
    host: server("Name of the server, which its certificate carries", "wiki-db.example.com"),
    port: z.int().min(1).max(65_535).default(3306).meta({ description: "Port of the server; 3306 unless given" }),
    ca: requiredAuthorities("Certificates in PEM of the authorities that sign for the server"),
    admin: checked({
      description: "Account that may create schemas and accounts, whose password is a secret that you provide; admin unless given",
      example: "admin",
      pattern: ADMIN,
      problem: adminProblem,
    }).prefault("admin"),
  })
  .meta({ description: "MySQL server on another machine, such as a managed one, in place of a container; none unless given" });

function adminProblem(written: string): string | undefined {
  if (ACCOUNTS.includes(written)) return `"${written}" is no administrator: the wiki creates this account itself; name the administrator of the server`;
  return ADMIN.test(written) ? undefined : `"${written}" is no account of MySQL; write it like admin`;
}

/** The block `database` of an environment file. */
export const database = z
  .strictObject({
    version: z
      .enum(DATABASE_VERSIONS)
      .default("8.4")
      .meta({ description: 'Line of MySQL: "8.4" (long-term support), or "8.0", which gets no more fixes; "8.4" unless given' }),
    bufferPool: size("Memory for tables and indexes", "256M", "64M"),
    slowQuery: duration("A statement that takes longer goes to the slow query log", "1s", "1ms", "1h"),
    memory: size(`Memory of the database: that of bufferPool and ${MYSQL_OVERHEAD_MIB}M or more`, "1G", "512M"),
    cpus: cpus(2),
    external: external.optional(),
  })
  .refine(({ memory, bufferPool }) => memory.mebibytes >= leastMemory(bufferPool).mebibytes, {
    when: wasRead((value) => value instanceof ByteSize, "memory", "bufferPool"),
    path: ["memory"],
    error: ({ input }) => {
      const { memory, bufferPool } = input as { memory: ByteSize; bufferPool: ByteSize };
      const least = leastMemory(bufferPool);
      return `${memory} is too little with a bufferPool of ${bufferPool}, MySQL would be killed during its first start; give ${least} or more, or lower bufferPool`;
    },
  })
  .meta({ description: "MySQL" });

function leastMemory(bufferPool: ByteSize): ByteSize {
  return ByteSize.mebibytes(bufferPool.mebibytes + MYSQL_OVERHEAD_MIB);
}
