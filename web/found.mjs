import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The first of the programs that can be run, by path or by a name on $PATH; undefined if none. */
export function found(...programs) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return programs.flatMap((program) => (program.includes("/") ? program : folders.map((folder) => join(folder, program)))).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
