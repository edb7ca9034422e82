// Prints the version of every package that the tests rely on, each of which must load.
import { readFile } from "node:fs/promises";

const { devDependencies } = JSON.parse(await readFile(new URL("package.json", import.meta.url), "utf8"));
const versions = {};
for (const name of Object.keys(devDependencies)) {
  await import(name);
  const folder = new URL(`node_modules/${name}/package.json`, import.meta.url);
  versions[name] = JSON.parse(await readFile(folder, "utf8")).version;
}
console.log(JSON.stringify(versions));
