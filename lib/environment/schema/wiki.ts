import { z } from "zod";
import { ByteSize } from "../../../constructs/core/byte-size";
import { leastWikiMemory, WIKI_BASE_MIB } from "../../../constructs/wiki/wiki-sizes";
import { cpus, derivedSize, duration, size } from "../readers";
import { authorities } from "../readers/certificates";
import { email, language, personName } from "../readers/people";
import { wasRead } from "../relations";
import { uploads } from "./uploads";
import { webhooks } from "./webhooks";
import { wikiOptions } from "./wiki-options";

/** The block `wiki` of an environment file. */
export const wiki = z
  .strictObject({
    admin: z
      .strictObject({
        email: email("E-mail address with which the first administrator signs in, not that of a person who signs in otherwise"),
        name: personName("Name that is shown", "Administrator"),
      })
      .meta({ description: "First administrator, in place of BookStack's stock account; its password is generated" }),
    language: language("Language where the browser asks for none that BookStack has; en unless given").prefault("en"),
    uploadLimit: size("Largest file that can be uploaded or imported", "50M", "1M", "10G"),
    uploads: uploads.optional(),
    webhooks: webhooks.optional(),
    webhookCa: authorities("Certificates in PEM of authorities of your own that signed for servers of webhooks; public ones are known"),
    memory: size("Memory of the wiki", "768M", "256M"),
    phpMemory: derivedSize(
      `Memory of one export, import or large picture; without it, what memory has beyond ${WIKI_BASE_MIB}M, up to 512M or half of it`,
      "512M",
      "64M",
    ),
    timeLimit: duration("Processor time of one export or import", "5m", "10s", "2h"),
    cpus: cpus(2),
    options: wikiOptions.optional(),
  })
  .refine(({ memory, phpMemory }) => phpMemory === undefined || memory.mebibytes >= leastWikiMemory(phpMemory).mebibytes, {
    when: wasRead((value) => value instanceof ByteSize, "memory", "phpMemory"),
    path: ["phpMemory"],
    error: ({ input }) => {
      const { memory, phpMemory } = input as { memory: ByteSize; phpMemory: ByteSize };
      const sum = `${phpMemory} and ${WIKI_BASE_MIB}M for everything else are ${leastWikiMemory(phpMemory)}`;
      return `${phpMemory} is too much with a memory of ${memory}: ${sum}; raise memory to that, or lower phpMemory`;
    },
  })
  .meta({ description: "BookStack" });
