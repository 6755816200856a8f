import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const DIRECTORY = join(__dirname, "..", "schemas");
const files = readdirSync(DIRECTORY);

test.each(files.filter((file) => file.endsWith(".json")))("%s has its source, version and license beside it", (file) => {
  expect(readFileSync(join(DIRECTORY, `${file}.license`), "utf8")).toMatch(
    /^SPDX-FileCopyrightText: \S.*\nSPDX-License-Identifier: Apache-2\.0\nSource: https:\/\/github\.com\/\S+\nVersion: \S.*\n$/,
  );
});
