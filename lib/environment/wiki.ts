import { z } from "zod";
import { cpus, email, language, personName, size } from "./readers";

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
    uploadLimit: size("Largest file that can be uploaded", "50M", "1M"),
    memory: size("Memory of the wiki", "512M", "256M"),
    cpus: cpus(2),
  })
  .meta({ description: "BookStack" });
