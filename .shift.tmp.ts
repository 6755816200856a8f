import { parseEnvironment } from "./lib/environment/load";
import { BROKEN_FILES } from "./__tests__/lib/environment/broken-files";
const out: any[] = [];
for (const [group, files] of Object.entries(BROKEN_FILES)) for (const [d, text, problems] of files) {
  let got: any = [];
  try { parseEnvironment("broken", text, "environments/broken.yaml"); } catch (e: any) { got = e.problems ?? [String(e)]; }
  if (JSON.stringify(got) !== JSON.stringify(problems)) out.push({ group, d, text, problems, got });
}
process.stdout.write(JSON.stringify(out));
